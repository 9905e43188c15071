//! Who belongs to whom, where items agree within a tolerance and their order does not count.

use std::collections::VecDeque;

/// Items that find no partner, when each may have one that it agrees with: what a largest matching leaves over.
pub(super) fn unmatched(count: usize, agrees: impl Fn(usize, usize) -> bool) -> (Vec<usize>, Vec<usize>) {
    let edges: Vec<Vec<usize>> = (0..count).map(|one| (0..count).filter(|two| agrees(one, *two)).collect()).collect();
    let mut partner: Vec<Option<usize>> = vec![None; count];
    let mut alone = Vec::new();
    for one in 0..count {
        // A path of alternating partners from `one` to somebody free, breadth first: each reached from whom.
        let mut reached: Vec<Option<usize>> = vec![None; count];
        let mut queue = VecDeque::from([one]);
        let mut free = None;
        'search: while let Some(at) = queue.pop_front() {
            for &two in &edges[at] {
                if reached[two].is_none() {
                    reached[two] = Some(at);
                    match partner[two] {
                        Some(next) => queue.push_back(next),
                        None => {
                            free = Some(two);
                            break 'search;
                        }
                    }
                }
            }
        }
        let Some(mut two) = free else {
            alone.push(one);
            continue;
        };
        while let Some(from) = reached[two] {
            let before = partner.iter().position(|taken| *taken == Some(from));
            partner[two] = Some(from);
            match before.filter(|before| *before != two) {
                Some(before) => {
                    partner[before] = None;
                    two = before;
                }
                None => break,
            }
        }
    }
    let free = (0..count).filter(|two| partner[*two].is_none()).collect();
    (alone, free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pair_gives_way_where_another_has_no_choice() {
        // 0 likes 0 and 1, 1 likes 0 alone: taken in order, 0 would leave 1 alone.
        let likes = |one: usize, two: usize| matches!((one, two), (0, 0 | 1) | (1, 0));
        assert_eq!(unmatched(2, likes), (vec![], vec![]));
        assert_eq!(unmatched(2, |one, two| (one, two) == (1, 1)), (vec![0], vec![0]));
        assert_eq!(unmatched(0, |_, _| true), (vec![], vec![]));
    }

    /// The size of a largest matching, by trying everything.
    fn largest(count: usize, edges: &[bool], from: usize, taken: &mut Vec<bool>) -> usize {
        if from == count {
            return 0;
        }
        let mut best = largest(count, edges, from + 1, taken);
        for two in 0..count {
            if edges[from * count + two] && !taken[two] {
                taken[two] = true;
                best = best.max(1 + largest(count, edges, from + 1, taken));
                taken[two] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn as_many_as_possible_find_a_partner(edges in proptest::collection::vec(proptest::bool::weighted(0.4), 25)) {
            let count = 5;
            let (own, others) = unmatched(count, |one, two| edges[one * count + two]);
            prop_assert_eq!(own.len(), others.len());
            prop_assert_eq!(count - own.len(), largest(count, &edges, 0, &mut vec![false; count]));
        }
    }
}
