//! Random numbers that are the same on every machine: integer arithmetic, and floating point without a math library.
//!
//! Knows nothing of what is drawn. Good enough for simulation, useless for secrets.

/// `SplitMix64` (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The generator of one stream in one run of an experiment; different streams and runs are independent.
    pub(super) const fn new(seed: u64, stream: u64, run: u64) -> Self {
        let mut of_run = Self(seed ^ run.wrapping_mul(0xd134_2543_de82_ef95));
        Self(of_run.next() ^ stream.wrapping_mul(0xaf25_1af3_b0f0_25b5))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 to below `limit`; 0 if that is 0.
    pub(super) const fn below(&mut self, limit: u64) -> u64 {
        ((self.next() as u128 * limit as u128) >> 64) as u64
    }

    /// A standard normal deviate, as the sum of twelve uniform ones (Irwin-Hall): tails end at ±6, quantiles between P1
    /// and P99 are right to 0.02, and no logarithm or cosine whose last bit differs between platforms is needed.
    pub(super) fn normal(&mut self) -> f64 {
        let mut sum = 0_u64;
        for _ in 0..6 {
            let bits = self.next();
            sum += (bits >> 32) + (bits & 0xffff_ffff);
        }
        sum as f64 / 4_294_967_296.0 - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_deviates_have_the_right_moments_and_quantiles() {
        // As they are drawn: one of each of 200 streams in each of 200 runs.
        let mut drawn: Vec<f64> = (0..200)
            .flat_map(|run| (0..200).map(move |stream| Random::new(7, stream, run).normal()))
            .collect();
        drawn.sort_by(f64::total_cmp);
        let mean = drawn.iter().sum::<f64>() / 40_000.0;
        let variance = drawn.iter().map(|z| z * z).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        assert!((drawn[4_000] + 1.2816).abs() < 0.04, "{}", drawn[4_000]);
        assert!((drawn[36_000] - 1.2816).abs() < 0.04, "{}", drawn[36_000]);
    }

    #[test]
    fn runs_differ() {
        assert_ne!(Random::new(1, 3, 0).next(), Random::new(1, 3, 1).next());
        assert_ne!(Random::new(1, 3, 0).next(), Random::new(1, 4, 0).next());
        assert_ne!(Random::new(1, 3, 0).next(), Random::new(2, 3, 0).next());
        assert_eq!(Random::new(1, 3, 5).next(), Random::new(1, 3, 5).next());
    }

    #[test]
    fn streams_and_runs_are_independent() {
        let correlation = |pair: fn(u64) -> [Random; 2]| {
            (0..20_000).map(|n| pair(n).map(|mut random| random.normal())).map(|[a, b]| a * b).sum::<f64>()
                / 20_000.0
        };
        let streams = correlation(|n| [Random::new(1, n, 0), Random::new(1, n + 1, 0)]);
        let runs = correlation(|n| [Random::new(1, 7, n), Random::new(1, 7, n + 1)]);
        let across = correlation(|n| [Random::new(1, 7, n), Random::new(1, 8, n)]);
        for found in [streams, runs, across] {
            assert!(found.abs() < 0.03, "{streams} {runs} {across}");
        }
    }
}
