// What a person would see as a fault, asked of the page itself: labels on labels, text that leaves its picture or the
// page, text that hardly stands out. Evaluates to a function that gives the faults as lines.
(() => {
  const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 50);

  // Boxes of text that can be seen, each with the element that it belongs to.
  const boxes = (root) => {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || !parent || /^(title|desc|style|script)$/i.test(parent.tagName) || !visible(parent)) continue;
      if (parent.closest(".unseen, .skip, thead") && getComputedStyle(parent.closest(".unseen, .skip, thead")).position === "absolute") continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        // A font's line is taller than its letters.
        const air = box.height * 0.18;
        if (box.width > 1 && box.height > 1) {
          found.push({ left: box.left, right: box.right, top: box.top + air, bottom: box.bottom - air, node, text: short(node.data) });
        }
      }
    }
    return found;
  };

  const overlaps = () => {
    const all = boxes(document.documentElement).sort((one, other) => one.top - other.top);
    const faults = [];
    all.forEach((one, index) => {
      for (let next = index + 1; next < all.length && all[next].top < one.bottom - 1; next += 1) {
        const other = all[next];
        if (one.node === other.node) continue;
        if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1.5) {
          faults.push(`“${one.text}” lies on “${other.text}”`);
        }
      }
    });
    return faults;
  };

  const leaving = (isPage) => {
    const faults = [];
    for (const svg of document.querySelectorAll("svg.rw-chart")) {
      if (!visible(svg)) continue;
      const frame = svg.getBoundingClientRect();
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) {
          faults.push(`“${short(text.textContent)}” leaves its picture`);
        }
      }
    }
    const page = document.scrollingElement;
    if (isPage && page.scrollWidth > page.clientWidth) {
      const wide = [...document.body.querySelectorAll("*")].find((it) => it.getBoundingClientRect().right > page.clientWidth + 1 && visible(it));
      faults.push(`the page is ${page.scrollWidth} pixels wide on ${page.clientWidth}: ${wide ? short(wide.outerHTML) : ""}`);
    }
    return faults;
  };

  // Text in pictures, which axe does not look at, and what is told of their marks.
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = () => {
    const faults = new Set();
    const hold = (text, colour, behind) => {
      const own = luminance(colour);
      const contrast = (Math.max(own, behind) + 0.05) / (Math.min(own, behind) + 0.05);
      if (contrast < 4.5) faults.add(`“${short(text.textContent)}” has a contrast of ${contrast.toFixed(2)}`);
    };
    for (const svg of document.querySelectorAll("svg.rw-chart")) {
      if (!visible(svg)) continue;
      // A file brings its ground, a page has one.
      const ground = svg.querySelector("rect");
      const behind = luminance(ground ? getComputedStyle(ground).fill : getComputedStyle(svg).backgroundColor);
      for (const text of svg.querySelectorAll("text")) {
        hold(text, getComputedStyle(text).fill, behind);
      }
    }
    for (const line of document.querySelectorAll(".tip p")) {
      hold(line, getComputedStyle(line).color, luminance(getComputedStyle(line.parentElement).backgroundColor));
    }
    return [...faults];
  };

  const headings = () => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((it) => Number(it.tagName[1]));
    const faults = levels.filter((level) => level === 1).length === 1 ? [] : ["there is not exactly one first heading"];
    levels.forEach((level, index) => {
      if (index && level > levels[index - 1] + 1) faults.push(`a heading of level ${level} follows one of ${levels[index - 1]}`);
    });
    for (const th of document.querySelectorAll("th:not([scope])")) faults.push(`a table heading has no scope: ${short(th.outerHTML)}`);
    for (const svg of document.querySelectorAll("svg")) {
      if (!(svg.ariaLabel ?? svg.querySelector("title")?.textContent) || !svg.querySelector("desc")?.textContent) faults.push("a picture has no words");
    }
    return faults;
  };

  // By keyboard everything is reached, and it can be seen where one is.
  const focus = () => {
    const faults = [];
    for (const it of document.querySelectorAll("a[href], button, input, summary, svg[data-marks]")) {
      if (!visible(it)) continue;
      it.focus({ focusVisible: true });
      const style = getComputedStyle(it);
      if (document.activeElement !== it) faults.push(`cannot be reached: ${short(it.outerHTML)}`);
      else if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push(`the focus cannot be seen: ${short(it.outerHTML)}`);
    }
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    return faults;
  };

  const check = (isPage) => {
    const faults = [...overlaps(), ...leaving(isPage), ...faint()];
    return isPage ? [...faults, ...headings(), ...focus()] : faults;
  };
  return Object.assign(check, { faint });
})()
