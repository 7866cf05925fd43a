//! When to try again, and after how long.
use std::time::Duration;

/// How failures that can pass by themselves are retried: with exponential backoff and full jitter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The bound of the first pause; it doubles with each attempt. Default 200 ms.
    pub initial: Duration,
    /// The bound that no pause exceeds, unless the gateway asks for a longer one. Default 30 s.
    pub max: Duration,
    /// Most attempts in a row that bring nothing before the last error is surfaced. Default `None`: unlimited.
    pub max_attempts: Option<u32>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(200),
            max: Duration::from_secs(30),
            max_attempts: None,
        }
    }
}

impl RetryPolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the bound of the first pause.
    pub fn initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self
    }

    /// Sets the bound that no pause exceeds.
    pub fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// Sets how many attempts in a row may bring nothing; 0 means that nothing is retried.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = Some(max_attempts);
        self
    }
}

/// Attempts since something useful was last received.
#[derive(Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    count: u32,
}

impl Attempts {
    pub fn new(policy: RetryPolicy) -> Self {
        Self { policy, count: 0 }
    }

    pub fn count(&self) -> u32 {
        self.count
    }

    pub fn are_used_up(&self) -> bool {
        self.policy
            .max_attempts
            .is_some_and(|most| self.count >= most)
    }

    pub fn reset(&mut self) {
        self.count = 0;
    }

    /// Begins an attempt; gives the pause before it: jitter on top of what the gateway asked for.
    pub fn begin(&mut self, asked: Duration) -> Duration {
        let bound = self.bound();
        self.count = self.count.saturating_add(1);
        asked.saturating_add(bound.mul_f64(fastrand::f64()))
    }

    fn bound(&self) -> Duration {
        let doubled = 2u32.saturating_pow(self.count);
        self.policy
            .initial
            .saturating_mul(doubled)
            .min(self.policy.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(policy: RetryPolicy) -> Attempts {
        Attempts::new(policy)
    }

    #[test]
    fn the_bound_doubles_up_to_the_maximum() {
        let policy = RetryPolicy::new()
            .initial(Duration::from_millis(100))
            .max(Duration::from_millis(350));
        let mut attempts = attempts(policy);
        let mut bounds = Vec::new();
        for _ in 0..4 {
            bounds.push(attempts.bound().as_millis());
            let pause = attempts.begin(Duration::ZERO);
            assert!(pause.as_millis() <= *bounds.last().unwrap());
        }
        assert_eq!(bounds, [100, 200, 350, 350]);
        attempts.reset();
        assert_eq!(attempts.bound().as_millis(), 100);
    }

    #[test]
    fn no_number_of_attempts_overflows() {
        let mut attempts = attempts(RetryPolicy::new());
        for _ in 0..100 {
            assert!(attempts.begin(Duration::ZERO) <= Duration::from_secs(30));
        }
    }

    #[test]
    fn a_pause_is_at_least_what_was_asked_for() {
        let mut attempts = attempts(RetryPolicy::new().max(Duration::from_millis(1)));
        assert!(attempts.begin(Duration::from_secs(2)) >= Duration::from_secs(2));
    }

    #[test]
    fn attempts_are_used_up_after_the_most_allowed() {
        let mut attempts = attempts(RetryPolicy::new().max_attempts(2));
        assert!(!attempts.are_used_up());
        attempts.begin(Duration::ZERO);
        attempts.begin(Duration::ZERO);
        assert!(attempts.are_used_up());
        attempts.reset();
        assert!(!attempts.are_used_up());
    }
}
