//! A number of pods as `maxSurge` and `maxUnavailable` write it: a count, or a part of the whole.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// An absolute number of pods, or a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// So many pods.
    Count(i32),
    /// So many of a hundred.
    Percent(i32),
}

impl Share {
    /// Reads a field; 0 for a text that is no percentage, since the API server would not have taken it.
    pub fn new(written: &IntOrString) -> Self {
        match written {
            IntOrString::Int(count) => Self::Count(*count),
            IntOrString::String(text) => {
                Self::Percent(text.strip_suffix('%').and_then(|number| number.parse().ok()).unwrap_or(0))
            }
        }
    }

    /// Its value of `whole` pods, a part of a pod counted as one.
    pub fn rounded_up(self, whole: i32) -> i32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (product(percent, whole) + 99).div_euclid(100) as i32,
        }
    }

    /// Its value of `whole` pods, a part of a pod left away.
    pub fn rounded_down(self, whole: i32) -> i32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => product(percent, whole).div_euclid(100) as i32,
        }
    }
}

fn product(percent: i32, whole: i32) -> i64 {
    i64::from(percent) * i64::from(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_pod_are_rounded_as_told() {
        let quarter = Share::new(&IntOrString::String("25%".to_owned()));
        assert_eq!((quarter.rounded_up(10), quarter.rounded_down(10)), (3, 2));
        assert_eq!((quarter.rounded_up(8), quarter.rounded_down(8)), (2, 2));
        assert_eq!(Share::new(&IntOrString::Int(3)).rounded_up(10), 3);
    }
}
