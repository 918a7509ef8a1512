//! How far the mean of a run may be from a formula: asymptotic standard errors, and the rule that every oracle keeps.
#![allow(dead_code, reason = "each test binary uses a part")]

/// A mean that a formula gives, and the asymptotic standard error of what a run of the chosen length measures.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    pub value: f64,
    pub standard_error: f64,
}

impl Mean {
    /// The seeds of pilots: none of those that [`check`] looks at.
    pub fn pilots() -> impl Iterator<Item = u64> {
        101..=140
    }

    /// A value whose standard error no formula gives: it is what the pilots show.
    pub fn with_pilots(value: f64, pilots: impl Iterator<Item = f64>) -> Self {
        let found: Vec<f64> = pilots.collect();
        let count = found.len() as f64;
        let mean = found.iter().sum::<f64>() / count;
        let variance = found.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { value, standard_error: variance.sqrt() }
    }
}

/// The two-sided 99 % quantile of the normal distribution.
const NORMAL_99: f64 = 2.5758;

/// Twenty consecutive seeds from 1, of which none is chosen: each run's mean is off by at most the larger of 1 % and three
/// standard errors, and of the twenty 99 % intervals at most two miss the formula's value.
pub fn check(what: &str, mean: Mean, mut measured: impl FnMut(u64) -> f64) {
    assert!(mean.standard_error > 0.0, "{what}: no error is known: {}", mean.standard_error);
    let mut missed = 0;
    for seed in 1..=20 {
        let found = measured(seed);
        let error = (found - mean.value).abs();
        let most = (mean.value / 100.0).max(3.0 * mean.standard_error);
        assert!(
            error <= most,
            "{what}: {found} for {} with seed {seed}, {error} off, {most} may be",
            mean.value
        );
        missed += u32::from(error > NORMAL_99 * mean.standard_error);
    }
    assert!(missed <= 2, "{what}: {missed} of 20 intervals miss {}", mean.value);
}

/// A birth-and-death chain: arrivals and departures a unit of time, for each number in the system.
pub struct Chain {
    births: Vec<f64>,
    deaths: Vec<f64>,
    /// The stationary probability of each state.
    pub shares: Vec<f64>,
    /// Arrivals that find no room, in the last state.
    turned_away: f64,
    workers: usize,
    /// How often one who waits gives up.
    impatience: f64,
}

impl Chain {
    /// M/M/c/K with a mean service time of 1: `workers`, and room for `room` including those being served.
    pub fn of(workers: usize, room: usize, rate: f64) -> Self {
        Self::with_impatience(workers, room, rate, 0.0)
    }

    /// M/M/c/K+M: those who wait for a worker give up at a rate of their own.
    pub fn with_impatience(workers: usize, room: usize, rate: f64, impatience: f64) -> Self {
        let births: Vec<f64> = (0..=room).map(|number| if number < room { rate } else { 0.0 }).collect();
        let death =
            |number: usize| number.min(workers) as f64 + number.saturating_sub(workers) as f64 * impatience;
        let deaths: Vec<f64> = (0..=room).map(death).collect();
        let mut shares = vec![1.0];
        for number in 1..=room {
            shares.push(shares[number - 1] * births[number - 1] / deaths[number]);
        }
        let sum: f64 = shares.iter().sum();
        for share in &mut shares {
            *share /= sum;
        }
        Self { births, deaths, shares, turned_away: rate, workers, impatience }
    }

    /// The mean time in the system of those who got in: Little's law over the stationary shares. Its standard error after
    /// so many arrivals is that of the ratio of the time integral of the number to the count of arrivals.
    pub fn time_in_system(&self, arrivals: f64) -> Mean {
        let entered: f64 = self.sum(|number| self.births[number]);
        let value = self.sum(|number| number as f64) / entered;
        let variance = self.variance(|number| number as f64, |_| -value, 0.0, 0.0);
        let all = entered + self.turned_away * self.shares[self.shares.len() - 1];
        // Var(T) = v t / (entered t)², and t = arrivals / all.
        let standard_error = (variance * all / arrivals).sqrt() / entered;
        Mean { value, standard_error }
    }

    /// The share of arrivals that find no room.
    pub fn loss(&self, arrivals: f64) -> Mean {
        let value = self.shares[self.shares.len() - 1];
        let variance = self.variance(|_| 0.0, |_| -value, 1.0 - value, 0.0);
        Mean { value, standard_error: (variance / (self.turned_away * arrivals)).sqrt() }
    }

    /// The share of arrivals that find every worker busy.
    pub fn waits(&self, arrivals: f64) -> Mean {
        let waits = |number: usize| f64::from(u8::from(number >= self.workers));
        let value = self.sum(waits);
        self.of_arrivals(value, arrivals, |_| 0.0, waits, 0.0)
    }

    /// The mean time that an arrival waits for a worker, or until it gives up.
    pub fn waiting_time(&self, arrivals: f64) -> Mean {
        let value = self.sum(|number| self.waiting(number)) / self.turned_away;
        self.of_arrivals(value, arrivals, |number| self.waiting(number), |_| 0.0, 0.0)
    }

    /// The share of arrivals that give up before a worker is free.
    pub fn given_up(&self, arrivals: f64) -> Mean {
        let value = self.sum(|number| self.waiting(number)) * self.impatience / self.turned_away;
        self.of_arrivals(value, arrivals, |_| 0.0, |_| 0.0, 1.0)
    }

    fn waiting(&self, number: usize) -> f64 {
        number.saturating_sub(self.workers) as f64
    }

    /// What arrivals bring on average, where nobody is turned away.
    fn of_arrivals(
        &self,
        value: f64,
        arrivals: f64,
        grows: impl Fn(usize) -> f64,
        birth: impl Fn(usize) -> f64,
        gone: f64,
    ) -> Mean {
        let variance = self.variance(grows, |number| birth(number) - value, 0.0, gone);
        Mean { value, standard_error: (variance / (self.turned_away * arrivals)).sqrt() }
    }

    fn sum(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.shares.iter().enumerate().map(|(number, share)| share * of(number)).sum()
    }

    /// The asymptotic variance, a unit of time, of a reward that grows with the number in the system, jumps by `birth` with
    /// each arrival that gets in, by `turned` with each that does not and by `gone` with each that gives up, and has mean 0.
    ///
    /// Poisson's equation for a birth-and-death chain, and the variance of the martingale that it leaves (Whitt, Asymptotic
    /// formulas for Markov processes with applications to simulation, Operations Research 40, 1992; Asmussen, Applied
    /// Probability and Queues, I.7). With d(i) = g(i+1) - g(i) and h(i) the expected reward of state i,
    /// birth(i) share(i) d(i) = -Σ share(j) h(j) over j <= i, and the variance is the sum over all jumps of
    /// share · rate · (g's difference + reward)².
    fn variance(
        &self,
        grows: impl Fn(usize) -> f64,
        birth: impl Fn(usize) -> f64,
        turned: f64,
        gone: f64,
    ) -> f64 {
        let last = self.shares.len() - 1;
        let turned_rate = |number: usize| if number == last { self.turned_away } else { 0.0 };
        let gone_rate = |number: usize| self.waiting(number) * self.impatience;
        let expected = |number: usize| {
            let jumps = self.births[number] * birth(number) + turned_rate(number) * turned;
            grows(number) + jumps + gone_rate(number) * gone
        };
        let flow: Vec<f64> = (0..=last).map(|number| self.shares[number] * expected(number)).collect();
        // From whichever side has fewer terms that cancel.
        let middle = self
            .shares
            .iter()
            .scan(0.0, |sum, share| {
                *sum += share;
                Some(*sum)
            })
            .position(|sum| sum > 0.5)
            .unwrap_or(0);
        let mut difference = vec![0.0; last + 1];
        let mut below = 0.0;
        for number in 0..=middle.min(last.saturating_sub(1)) {
            below += flow[number];
            difference[number] = -below / (self.births[number] * self.shares[number]);
        }
        let mut above = 0.0;
        for number in (middle + 1..last).rev() {
            above += flow[number + 1];
            difference[number] = above / (self.births[number] * self.shares[number]);
        }
        self.sum(|number| {
            let up = self.births[number] * (difference[number] + birth(number)).powi(2);
            let below = number.checked_sub(1).map_or(0.0, |below| difference[below]);
            let done = (self.deaths[number] - gone_rate(number)) * below.powi(2);
            let down = done + gone_rate(number) * (gone - below).powi(2);
            up + down + turned_rate(number) * turned.powi(2)
        })
    }
}

/// The mean time in the system of M/G/1 in order of arrival, from the first four moments of the service time, and its
/// standard error after so many arrivals.
///
/// Mean: Pollaczek and Khinchine. Variance: by Poisson's equation as above for the workload V, whose solution is a V² with
/// a = rate / (2 (1 - load)), the asymptotic variance a customer is
/// E[(a (2 V S + S²) + V - E V + S - E S)²]; without the last two terms and for exponential S it is
/// load (2 + 5 load - 4 load² + load³) / (1 - load)⁴, the variance of waits in M/M/1 (Daley, The serial correlation
/// coefficients of waiting times in a stationary single server queue, J. Austral. Math. Soc. 8, 1968).
pub fn one_worker(rate: f64, moments: [f64; 4], arrivals: f64) -> Mean {
    let [m1, m2, m3, m4] = moments;
    let load = rate * m1;
    let a = rate / (2.0 * (1.0 - load));
    let wait = a * m2;
    let wait_squared = 2.0 * wait * wait + rate * m3 / (3.0 * (1.0 - load));
    let spread = wait_squared - wait * wait;
    let waits = a * a * (4.0 * wait_squared * m2 + 4.0 * wait * m3 + m4) + (4.0 * a * m1 + 1.0) * spread;
    let services = m2 - m1 * m1 + 2.0 * a * (2.0 * wait * (m2 - m1 * m1) + m3 - m1 * m2);
    Mean { value: wait + m1, standard_error: ((waits + services) / arrivals).sqrt() }
}
