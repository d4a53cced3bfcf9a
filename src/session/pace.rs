//! Whether files should be compressed on their way: only if the link is what they wait for.
//!
//! A daemon that is slow to take them looks the same from here. What tells them apart is whether
//! compressing gains anything, so an attempt for nothing costs one window, and each next one is later.

use std::time::Duration;

/// How long is measured before anything is decided.
const WINDOW: Duration = Duration::from_millis(200);
/// A link that takes so many bytes a second needs no help: with text, of which gzip makes a third, one core
/// would have to compress 120 MiB a second to do better.
const FAST: f64 = (40 << 20) as f64;
/// The part of a window for which the link has to be waited for.
const CONGESTED: f64 = 0.75;
/// Below this part the link is waited for no more: compressing takes the time.
const FREE: f64 = 0.25;
/// How many more bytes of files have to pass in a second for compressing to go on.
const GAIN: f64 = 1.1;
/// Windows after an attempt that gained nothing; each further one waits twice as long.
const PAUSE: u32 = 4;

/// Measures a stream of files and decides, window by window, whether to compress it.
#[derive(Debug)]
pub(super) struct Pace {
    mode: Mode,
    window: Window,
    /// Windows until the next attempt.
    pause: u32,
    /// What `pause` will be after an attempt that gains nothing.
    next_pause: u32,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Plain,
    /// With the bytes of files per second that passed before.
    Compressed(f64),
}

#[derive(Debug, Default)]
struct Window {
    elapsed: Duration,
    waited: Duration,
    /// Bytes of files.
    content: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            mode: Mode::Plain,
            window: Window::default(),
            pause: 0,
            next_pause: PAUSE,
        }
    }
}

impl Pace {
    /// Whether what comes next should be compressed.
    pub(super) fn compresses(&self) -> bool {
        matches!(self.mode, Mode::Compressed(_))
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

    fn decide(&mut self, window: &Window) {
        let seconds = window.elapsed.as_secs_f64();
        let waited = window.waited.as_secs_f64() / seconds;
        let rate = f64::from(u32::try_from(window.content).unwrap_or(u32::MAX)) / seconds;
        match self.mode {
            Mode::Plain if self.pause > 0 => self.pause -= 1,
            Mode::Plain if window.content > 0 && waited >= CONGESTED && rate < FAST => {
                self.mode = Mode::Compressed(rate);
            }
            Mode::Compressed(before) if waited < FREE || rate < before * GAIN => {
                self.mode = Mode::Plain;
                self.pause = self.next_pause;
                self.next_pause = self.next_pause.saturating_mul(2);
            }
            Mode::Plain | Mode::Compressed(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    /// One window in which the link was waited for during this part, and took so many MiB/s.
    fn window(pace: &mut Pace, waited: f64, rate: usize) -> bool {
        pace.passed(WINDOW, WINDOW.mul_f64(waited), rate * MIB / 5);
        pace.compresses()
    }

    #[test]
    fn a_slow_link_is_worth_it() {
        let mut pace = Pace::default();
        assert!(!pace.compresses());
        assert!(window(&mut pace, 0.9, 12));
        for _ in 0..100 {
            assert!(window(&mut pace, 0.8, 40), "it goes on while it gains");
        }
    }

    #[test]
    fn a_fast_link_is_not_and_nor_is_a_slow_reader_of_this_disk() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            assert!(!window(&mut pace, 0.9, 100));
            assert!(!window(&mut pace, 0.1, 5));
            assert!(!window(&mut pace, 0.9, 0), "nothing but names passed");
        }
    }

    #[test]
    fn what_gains_nothing_is_tried_less_and_less() {
        let mut pace = Pace::default();
        let tries =
            |pace: &mut Pace, windows| (0..windows).filter(|_| window(pace, 0.9, 12)).count();
        assert_eq!(tries(&mut pace, 10), 2);
        assert_eq!(tries(&mut pace, 100), 3);
    }

    #[test]
    fn a_link_that_became_fast_gets_files_as_they_are() {
        let mut pace = Pace::default();
        assert!(window(&mut pace, 0.9, 12));
        assert!(!window(&mut pace, 0.1, 150));
        assert!(!window(&mut pace, 0.9, 120));
    }
}
