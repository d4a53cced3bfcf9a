//! Whether files should be compressed on their way: only if the link is what they wait for.
//!
//! A daemon that is slow to take files looks like a slow link. Distance tells them apart well enough: what
//! answers within some milliseconds is in the same machine, building or region, and is not helped. On the way
//! to what is farther, compressing is tried first: until a plain window had shown anything, megabytes would wait
//! in buffers as they are.

use std::time::Duration;

use flate2::Compression;

/// A daemon that answers within this time is near. On the same machine, through the API server, answers were
/// measured to take 2 to 8 ms.
const NEAR: Duration = Duration::from_millis(10);
/// How long is measured before anything is decided.
const WINDOW: Duration = Duration::from_millis(200);
/// A link that takes so many bytes a second needs no help: with text, of which gzip makes a third, one core
/// would have to compress 120 MiB a second to do better.
const FAST: f64 = (40 << 20) as f64;
/// The part of a window for which the link has to be waited for.
const CONGESTED: f64 = 0.75;
/// If compressing is waited for during this part of a window, it is what files wait for.
const BUSY: f64 = 0.5;
/// Then more files have to pass in a second than without, by this factor.
const GAIN: f64 = 1.1;
/// What compressing has to leave away at least, of all bytes: one in this many.
const SAVING: usize = 10;
/// Windows after an attempt that gained nothing; each further one waits twice as long.
const PAUSE: u32 = 4;

/// Measures a stream of files and decides, window by window, whether to compress it.
#[derive(Debug)]
pub(super) struct Pace {
    mode: Mode,
    window: Window,
    /// Windows until the next attempt; `None` if there is never one.
    pause: Option<u32>,
    /// What `pause` will be after an attempt that gains nothing.
    next_pause: u32,
    /// Bytes of files that passed in a second when they went as they are and the link was full.
    plain_rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    /// gzip's fastest level.
    Quick,
    /// Its usual one: a tenth smaller, at a third of the speed. For a link that `Quick` cannot fill.
    Thorough,
}

#[derive(Debug, Default)]
struct Window {
    elapsed: Duration,
    waited: Duration,
    compressed: Duration,
    /// Bytes of files.
    content: usize,
}

impl Pace {
    /// For a daemon whose answer took this long; `None` if there was none yet, which takes longer still.
    pub(super) fn at(distance: Option<Duration>) -> Self {
        let is_near = distance.is_some_and(|distance| distance < NEAR);
        Self {
            mode: if is_near { Mode::Plain } else { Mode::Quick },
            window: Window::default(),
            pause: if is_near { None } else { Some(0) },
            next_pause: PAUSE,
            plain_rate: None,
        }
    }

    /// How what comes next should be compressed, if at all.
    pub(super) fn compression(&self) -> Option<Compression> {
        match self.mode {
            Mode::Plain => None,
            Mode::Quick => Some(Compression::fast()),
            Mode::Thorough => Some(Compression::default()),
        }
    }

    /// `elapsed` is the time since the last call; `waited` the part of it in which the link took
    /// nothing, and `content` are the bytes of files that it then took, before they were compressed.
    pub(super) fn passed(&mut self, elapsed: Duration, waited: Duration, content: usize) {
        self.window.elapsed += elapsed;
        self.window.waited += waited;
        self.window.content += content;
        if self.window.elapsed >= WINDOW {
            let window = std::mem::take(&mut self.window);
            self.decide(&window);
        }
    }

    /// Of so many bytes compressing made so many, and was waited for this long.
    pub(super) fn shrunk(&mut self, from: usize, to: usize, took: Duration) {
        self.window.compressed += took;
        if self.mode != Mode::Plain && to > from - from / SAVING {
            self.go_plain();
        }
    }

    fn decide(&mut self, window: &Window) {
        let seconds = window.elapsed.as_secs_f64();
        let waited = window.waited.as_secs_f64() / seconds;
        let is_busy = window.compressed.as_secs_f64() / seconds > BUSY;
        let rate = f64::from(u32::try_from(window.content).unwrap_or(u32::MAX)) / seconds;
        let is_congested = waited >= CONGESTED;
        match self.mode {
            Mode::Plain => self.decide_plain(is_congested && window.content > 0, rate),
            Mode::Thorough if is_busy => self.mode = Mode::Quick,
            Mode::Quick if is_busy => {
                if self.plain_rate.is_none_or(|plain| rate < plain * GAIN) {
                    self.go_plain();
                }
            }
            Mode::Quick if is_congested => self.mode = Mode::Thorough,
            Mode::Quick | Mode::Thorough => {}
        }
    }

    fn decide_plain(&mut self, is_congested: bool, rate: f64) {
        let Some(pause) = &mut self.pause else {
            return;
        };
        if is_congested {
            self.plain_rate = Some(rate);
        }
        if *pause > 0 {
            *pause -= 1;
        } else if is_congested && rate < FAST {
            self.mode = Mode::Quick;
        }
    }

    fn go_plain(&mut self) {
        self.mode = Mode::Plain;
        self.pause = Some(self.next_pause);
        self.next_pause = self.next_pause.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;
    const QUICK: Option<u32> = Some(1);
    const THOROUGH: Option<u32> = Some(6);

    fn far() -> Pace {
        Pace::at(Some(Duration::from_millis(50)))
    }

    /// One window in which the link was waited for during this part, and took so many MiB/s; and the level then.
    fn window(pace: &mut Pace, waited: f64, rate: usize) -> Option<u32> {
        pace.passed(WINDOW, WINDOW.mul_f64(waited), rate * MIB / 5);
        level(pace)
    }

    /// One window in which compressing took this part.
    fn busy_window(pace: &mut Pace, part: f64) -> Option<u32> {
        pace.shrunk(MIB, MIB / 3, WINDOW.mul_f64(part));
        window(pace, 0.1, 40)
    }

    fn level(pace: &Pace) -> Option<u32> {
        pace.compression().map(|compression| compression.level())
    }

    #[test]
    fn what_is_near_gets_files_as_they_are_however_slow_it_is() {
        let mut pace = Pace::at(Some(Duration::from_millis(8)));
        assert_eq!(level(&pace), None);
        for _ in 0..100 {
            assert_eq!(window(&mut pace, 0.9, 12), None);
        }
    }

    #[test]
    fn what_is_far_gets_them_compressed_from_the_start() {
        for distance in [Some(Duration::from_millis(50)), None] {
            assert_eq!(level(&Pace::at(distance)), QUICK);
        }
    }

    #[test]
    fn the_narrower_the_link_the_more_it_is_worth() {
        let mut pace = far();
        assert_eq!(window(&mut pace, 0.5, 40), QUICK);
        for _ in 0..100 {
            assert_eq!(window(&mut pace, 0.8, 40), THOROUGH);
        }
        assert_eq!(busy_window(&mut pace, 0.4), THOROUGH);
        assert_eq!(busy_window(&mut pace, 0.9), QUICK);
        assert_eq!(busy_window(&mut pace, 0.4), QUICK);
        assert_eq!(busy_window(&mut pace, 0.9), None);
    }

    #[test]
    fn one_core_may_still_be_better_than_the_link() {
        let mut pace = far();
        assert_eq!(busy_window(&mut pace, 0.9), None, "what is it without?");
        let windows = (0..10).map(|_| window(&mut pace, 0.9, 30));
        assert_eq!(windows.last(), Some(THOROUGH));
        for _ in 0..100 {
            assert_eq!(busy_window(&mut pace, 0.9), QUICK);
        }
    }

    #[test]
    fn to_wait_for_files_or_for_the_daemons_questions_changes_nothing() {
        let mut pace = far();
        for _ in 0..100 {
            assert_eq!(window(&mut pace, 0.0, 0), QUICK);
        }
    }

    #[test]
    fn a_fast_link_is_not_worth_it_and_nor_is_a_slow_disk_here() {
        let mut pace = far();
        assert_eq!(busy_window(&mut pace, 0.9), None);
        for _ in 0..100 {
            assert_eq!(window(&mut pace, 0.9, 100), None);
            assert_eq!(window(&mut pace, 0.1, 5), None);
            assert_eq!(window(&mut pace, 0.9, 0), None, "nothing but names passed");
        }
        assert_eq!(window(&mut pace, 0.9, 12), QUICK, "it became slow");
    }

    #[test]
    fn what_does_not_shrink_is_tried_less_and_less() {
        let mut pace = far();
        pace.shrunk(MIB, MIB / 2, Duration::ZERO);
        assert_eq!(level(&pace), QUICK);
        let mut tries = |windows| {
            let attempts = (0..windows).filter(|_| {
                pace.shrunk(MIB, MIB - MIB / 20, Duration::ZERO);
                window(&mut pace, 0.9, 12).is_some()
            });
            attempts.count()
        };
        assert_eq!(tries(10), 1);
        assert_eq!(tries(100), 3);
    }
}
