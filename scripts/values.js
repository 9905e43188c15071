// The pictures of a page whose marks stand for values, and what is told of them. Evaluates to functions for a program that
// holds the mouse and the keyboard.
(() => {
  const pictures = [...document.querySelectorAll("svg[data-marks]")].filter((it) => it.checkVisibility());
  const [dot, tip] = [".dot", ".tip"].map((selector) => document.querySelector(selector));

  // Read from the page anew: places in pixels of the picture, and the lines that belong to them.
  const values = (svg) => {
    const words = svg.closest("figure").querySelector("[data-words]").getAttribute("data-words").split("\n");
    const subject = words.shift();
    const marks = svg.getAttribute("data-marks").split(",").map((mark) => mark.split(" ").map(Number));
    let name = "";
    let last = 0;
    return marks.map(([x, y, reach = last], index) => {
      const [text, own = name] = words[index].split("\t").reverse();
      name = own;
      last = reach;
      return { x, y, reach, said: [name, text, subject].filter(Boolean).join("\n") };
    });
  };

  return {
    count: () => pictures.length,
    // One of every kind, by what stands after the workload's name.
    kinds: () => {
      const kinds = pictures.map((svg) => svg.getAttribute("aria-label").split(": ").at(-1));
      return pictures.flatMap((_, index) => (kinds.indexOf(kinds[index]) === index ? [index] : []));
    },
    // What each mark of a picture stands for, in their order.
    said: (picture) => values(pictures[picture]).map((it) => it.said),
    // Brings the picture's first or last mark to the middle of the window: where that is, and what may be told there.
    aim: (picture, end) => {
      const svg = pictures[picture];
      const all = values(svg);
      const mark = all.at(end);
      const place = () => {
        const frame = svg.getBoundingClientRect();
        const scale = frame.width / svg.viewBox.baseVal.width;
        return { x: frame.left + mark.x * scale, y: frame.top + mark.y * scale };
      };
      window.scrollTo(0, window.scrollY + place().y - window.innerHeight / 2);
      const lies = (it) => Math.abs(it.y - mark.y) < 1.5 && Math.abs(it.x - mark.x) < it.reach + 1.5;
      return { ...place(), may: all.filter(lies).map((it) => it.said) };
    },
    // So many steps to the right at once.
    walk: (picture, steps) => {
      const press = () => pictures[picture].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
      for (let step = 0; step < steps; step++) press();
    },
    focus: (picture) => pictures[picture].focus({ focusVisible: true }),
    // What is told now, and what is wrong with how it stands there.
    told: () => {
      const [mark, box] = [dot, tip].map((it) => it.getBoundingClientRect());
      const faults = [];
      const said = [...tip.children].map((it) => it.textContent).filter(Boolean).join("\n");
      if (said) {
        const [width, height] = [document.documentElement.clientWidth, window.innerHeight];
        if (box.left < 0 || box.right > width || box.top < 0 || box.bottom > height) faults.push("leaves the window");
        if (box.top < mark.bottom && mark.top < box.bottom && box.left < mark.right && mark.left < box.right) faults.push("lies on its mark");
        if (tip.scrollWidth > tip.clientWidth) faults.push("is too wide for its box");
        if (document.scrollingElement.scrollWidth > width) faults.push("makes the page wider");
        if (!tip.checkVisibility({ opacityProperty: true, visibilityProperty: true })) faults.push("cannot be seen");
      } else if (!dot.hidden) faults.push("leaves its ring behind");
      return { said, faults };
    },
  };
})()
