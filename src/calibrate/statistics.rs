//! Means and spreads of what was observed of one thing.

/// Zero where there are no values.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Of positive values; zeroes count as a microsecond.
pub(super) fn geometric_mean(values: &[f64]) -> f64 {
    let logs: Vec<f64> = values.iter().map(|value| libm::log(value.max(1e-6))).collect();
    if logs.is_empty() { 0.0 } else { libm::exp(mean(&logs)) }
}

/// Standard deviation of the logarithms.
pub(super) fn spread(values: &[f64]) -> f64 {
    let logs: Vec<f64> = values.iter().map(|value| libm::log(value.max(1e-6))).collect();
    let center = mean(&logs);
    mean(&logs.iter().map(|log| (log - center).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// To three decimals, so that a profile is pleasant to read.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
