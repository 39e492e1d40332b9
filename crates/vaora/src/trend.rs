//! The trend of a unit's points over weeks, as lines of an SVG made here: no script draws anything.

use minijinja::{Value, context};

/// Size of the drawing and the room around the lines, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 260;
const LEFT: i64 = 56;
const RIGHT: i64 = 108;
const TOP: i64 = 14;
const BOTTOM: i64 = 28;
/// Lines across.
const LINES: i64 = 4;
/// Least distance of two labels at the right end, one under the other.
const LABEL: i64 = 15;

/// Figures at the end of a week, or today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Last day, ISO date.
    pub on: String,
    /// Points registered.
    pub registered: i64,
    /// Of these, live.
    pub live: i64,
    /// Points wanted; 0 where there is no target.
    pub target: i64,
}

/// The drawing; `None` for fewer than two moments, which make no line.
#[must_use]
pub fn draw(moments: &[Moment]) -> Option<Value> {
    let last = moments.last().filter(|_| moments.len() > 1)?;
    let most = moments.iter().map(|m| m.registered.max(m.live).max(m.target)).max().unwrap_or(0);
    let top = round_up(most);
    let x = |index: usize| {
        let steps = i64::try_from(moments.len() - 1).unwrap_or(1).max(1);
        LEFT + i64::try_from(index).unwrap_or(0) * (WIDTH - LEFT - RIGHT) / steps
    };
    let y = |value: i64| TOP + (HEIGHT - TOP - BOTTOM) * (top - value) / top;
    let line = |of: fn(&Moment) -> i64| {
        let points = moments.iter().enumerate().map(|(index, m)| format!("{},{}", x(index), y(of(m))));
        points.collect::<Vec<_>>().join(" ")
    };
    let ends = label_rows([y(last.registered), y(last.live), y(last.target)], last.target > 0);
    let middle = moments.len() / 2;
    Some(context! {
        width => WIDTH, height => HEIGHT, left => LEFT, right => WIDTH - RIGHT, base => HEIGHT - BOTTOM,
        registered => line(|m| m.registered), live => line(|m| m.live),
        target => (last.target > 0).then(|| line(|m| m.target)),
        grid => (0..=LINES).map(|n| context! { y => y(top * n / LINES), value => top * n / LINES }).collect::<Vec<_>>(),
        days => [0, middle, moments.len() - 1]
            .iter()
            .map(|index| context! { x => x(*index), on => &moments[*index].on })
            .collect::<Vec<_>>(),
        end => context! {
            x => x(moments.len() - 1), text_x => WIDTH - RIGHT + 8,
            registered => last.registered, live => last.live, target => last.target,
            registered_y => y(last.registered), live_y => y(last.live), target_y => y(last.target),
            registered_text => ends[0], live_text => ends[1], target_text => ends[2],
        },
        rows => moments.iter().rev().map(|m| context! {
            on => &m.on, registered => m.registered, live => m.live, target => m.target,
        }).collect::<Vec<_>>(),
    })
}

/// The next round number that the lines across divide evenly.
fn round_up(most: i64) -> i64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            let top = LINES * step * factor;
            if top >= most {
                return top;
            }
        }
        step *= 10;
    }
}

/// Moves labels apart that would lie on one another, keeping their order.
fn label_rows(rows: [i64; 3], third: bool) -> [i64; 3] {
    let mut order: Vec<usize> = if third { vec![0, 1, 2] } else { vec![0, 1] };
    order.sort_by_key(|index| rows[*index]);
    let mut found = rows;
    for pair in order.windows(2) {
        found[pair[1]] = found[pair[1]].max(found[pair[0]] + LABEL);
    }
    // What was pushed below the base moves up again, and those above it with it.
    let mut floor = HEIGHT - BOTTOM;
    for index in order.into_iter().rev() {
        found[index] = found[index].min(floor);
        floor = found[index] - LABEL;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(registered: i64, live: i64, target: i64) -> Moment {
        Moment { on: "2021-11-04".to_owned(), registered, live, target }
    }

    #[test]
    fn one_moment_makes_no_line() {
        assert!(draw(&[]).is_none());
        assert!(draw(&[moment(1, 1, 1)]).is_none());
        assert!(draw(&[moment(0, 0, 0), moment(0, 0, 0)]).is_some(), "nothing yet is a line on the ground");
    }

    #[test]
    fn the_scale_ends_on_a_round_number() {
        assert_eq!(round_up(0), 4);
        assert_eq!(round_up(4), 4);
        assert_eq!(round_up(5), 8);
        assert_eq!(round_up(18_694), 20_000);
    }

    #[test]
    fn labels_lie_apart_and_inside() {
        for rows in [[232, 232, 232], [14, 14, 14], [100, 105, 20], [230, 100, 229]] {
            let found = label_rows(rows, true);
            let mut sorted = found;
            sorted.sort_unstable();
            assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= LABEL), "{rows:?} {found:?}");
            assert!(sorted[2] <= HEIGHT - BOTTOM && sorted[0] >= 0, "{rows:?} {found:?}");
        }
    }
}
