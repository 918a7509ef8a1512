//! What the annotations of a pod tell ECI: image caches and spot.

use std::collections::BTreeMap;

use crate::engine::clock::SECOND_NS;

/// A spot pod is not taken back for an hour, unless it renounces that.
/// Source: Alibaba Cloud, ECI spot instances (document 165053).
const PROTECTION_NS: u64 = 3_600 * SECOND_NS;

/// The options of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// An image cache is made of what it pulls, and used.
    pub caches_images: bool,
    /// It names an image cache that is there.
    pub names_cache: bool,
    /// For how long it may not be taken back, if it is a spot pod.
    pub spot_protection_ns: Option<u64>,
}

impl Options {
    /// Reads the annotations; without any, images are cached.
    pub fn read(annotations: Option<&BTreeMap<String, String>>) -> Self {
        let said = |key: &str| {
            let key = format!("k8s.aliyun.com/{key}");
            annotations.and_then(|annotations| annotations.get(&key)).map(String::as_str)
        };
        let spot = said("eci-spot-strategy").is_some_and(|strategy| strategy != "NoSpot");
        let protection_ns = if said("eci-spot-duration") == Some("0") { 0 } else { PROTECTION_NS };
        Self {
            caches_images: said("eci-auto-imc") != Some("false"),
            names_cache: said("eci-imc-id").is_some(),
            spot_protection_ns: spot.then_some(protection_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(annotations: &[(&str, &str)]) -> Options {
        let annotations = annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Options::read(Some(&annotations.collect()))
    }

    #[test]
    fn annotations_say_what_is_cached_and_what_is_spot() {
        let plain = Options::read(None);
        assert_eq!((plain.caches_images, plain.spot_protection_ns), (true, None));
        assert!(!read(&[("k8s.aliyun.com/eci-auto-imc", "false")]).caches_images);
        let spot = read(&[("k8s.aliyun.com/eci-spot-strategy", "SpotAsPriceGo")]);
        assert_eq!(spot.spot_protection_ns, Some(PROTECTION_NS));
        let bare = [
            ("k8s.aliyun.com/eci-spot-strategy", "SpotAsPriceGo"),
            ("k8s.aliyun.com/eci-spot-duration", "0"),
        ];
        assert_eq!(read(&bare).spot_protection_ns, Some(0));
    }
}
