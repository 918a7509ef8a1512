//! What a text must look like to be a name, a label, an image, a host and the like.

pub fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

pub fn is_name(text: &str, max: usize) -> bool {
    is_label(text) && text.len() <= max && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// What Kubernetes takes as the value of a label, and as the last part of its key.
pub fn is_qualified(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let ends = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.bytes().all(plain)
        && text.starts_with(ends)
        && text.ends_with(ends)
}

pub fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    is_qualified(name) && prefix.is_none_or(is_domain)
}

pub fn is_variable(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Which references exist is the registry's to say; what no registry reads, no kubelet pulls.
pub fn is_image(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|character| character.is_whitespace() || character.is_control())
}

pub fn is_file_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.len() <= 180 && text.bytes().all(plain) && !text.starts_with("..") && text != "."
}

pub fn is_absolute(text: &str) -> bool {
    text.starts_with('/') && !text.contains(':') && !text.split('/').any(|part| part == "..")
}

/// Whether a path stays below the folder it is relative to.
pub fn is_below(text: &str) -> bool {
    let folders = text.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
    folders && !text.contains('\\') && !text.contains(':') && !text.chars().any(char::is_control)
}

/// What an Ingress and an HTTPRoute take: at least two labels of which the last is no number.
pub fn is_host(text: &str) -> bool {
    let plain = text.strip_prefix("*.").unwrap_or(text);
    let top = plain.rsplit('.').next().unwrap_or_default();
    let several = plain.contains('.') && top.bytes().any(|byte| byte.is_ascii_lowercase());
    text.len() <= 253 && several && is_domain(plain)
}

/// What both an Ingress and an HTTPRoute take as the beginning of a request's path.
pub fn is_http_path(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-/._~!$&'()*+,;=:@%".contains(&byte);
    let mut after_signs = text.split('%').skip(1);
    let escaped = after_signs.all(|rest| {
        let hex = rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        hex && !rest[..2].eq_ignore_ascii_case("2f")
    });
    text.starts_with('/')
        && text.len() <= 1024
        && text.bytes().all(plain)
        && escaped
        && !text.contains("//")
        && !text.split('/').any(|part| part == "." || part == "..")
}

/// A network of some addresses; all of them are none, since nothing is left outside.
pub fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let plain = !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && (bits == "0" || !bits.starts_with('0'));
    let (Ok(address), Ok(bits)) = (address.parse::<std::net::Ipv4Addr>(), bits.parse::<u32>()) else {
        return false;
    };
    plain && (1..=32).contains(&bits) && address.to_bits().checked_shl(bits).unwrap_or(0) == 0
}

pub fn is_version(text: &str) -> bool {
    // Neither `01.34` nor `1.+34`.
    let number = |part: &str| part.parse::<u32>().ok().filter(|number| number.to_string() == part);
    let mut parts = text.split('.').map(number);
    parts.next() == Some(Some(1)) && parts.next().flatten().is_some() && parts.next().is_none()
}

/// The Secret's name and key in `name/key`.
pub fn secret(text: &str) -> Option<(&str, &str)> {
    let (name, key) = text.split_once('/')?;
    (is_domain(name) && is_file_name(key)).then_some((name, key))
}

/// Labels of the DNS, one or more.
pub fn is_domain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

pub fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain =
        |text: &str| !text.chars().any(|c| c.is_whitespace() || c.is_control() || "?#@\"".contains(c));
    rest.is_some_and(|rest| {
        let place = rest.split('/').next().unwrap_or_default();
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "80"));
        is_domain(host) && port.parse::<u16>().is_ok_and(|port| port > 0) && plain(rest)
    })
}

pub fn is_log_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let inner = text.trim_matches(|c| c == '-' || c == '_');
    (3..=63).contains(&text.len()) && inner.len() == text.len() && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_keeps_no_secret() {
        assert!(
            is_url("http://adapter.monitoring.svc:8060/dingtalk/ops/send") && is_url("https://a.example.com")
        );
        for wrong in
            ["adapter:8060", "ftp://a", "https://", "https://me:pw@a", "https://a/send?token=1", "http://a:0"]
        {
            assert!(!is_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_name_in_the_log_service_is_short_and_plain() {
        assert!(is_log_name("k8s-log_1"));
        for wrong in ["ab", "-abc", "abc_", "Abc", "a b c"] {
            assert!(!is_log_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_image_is_one_word() {
        let taken = ["web", "registry.example.com/shop/web:1", "web@sha256:0a"];
        assert!(taken.into_iter().all(is_image));
        assert!(!["", " web:1", "web:1 ", "web 1", "web:1\n", "we\u{7}b"].into_iter().any(is_image));
    }

    #[test]
    fn a_version_has_two_plain_numbers() {
        assert!(is_version("1.34"));
        for text in ["1", "01.34", "1.034", "1.+34", "1.34.2", "2.0", "1."] {
            assert!(!is_version(text), "{text}");
        }
    }

    #[test]
    fn a_host_has_labels_and_no_port() {
        for good in ["shop.example.com", "*.example.com", "a-1.b2.cn"] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "shop",
            "Shop.example.com",
            "shop_a.example.com",
            "a..b",
            "-a.com",
            "10.0.0.1",
            "a.com:80",
            "a.*.com",
            "http://a.com",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_request_path_needs_no_cleaning() {
        for good in ["/", "/api/", "/a.b/~c", "/%E4%BB%B7", "/v1:get"] {
            assert!(is_http_path(good), "{good}");
        }
        for bad in [
            "", "api", "//", "/a//b", "/a/./b", "/..", "/a b", "/价", "/a%2Fb", "/100%", "/a#b", "/a?b",
            "/{id}",
        ] {
            assert!(!is_http_path(bad), "{bad}");
        }
    }

    #[test]
    fn a_network_has_no_host_bits() {
        for good in ["10.64.0.0/16", "128.0.0.0/1", "192.168.1.7/32"] {
            assert!(is_network(good), "{good}");
        }
        for bad in [
            "10.64.0.1/16",
            "10.64.0.0",
            "10.64.0.0/33",
            "10.64.0.0/016",
            "fd00::/8",
            "10.64.0.0/",
            "0.0.0.0/0",
        ] {
            assert!(!is_network(bad), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_a_name_and_a_key() {
        assert_eq!(secret("order-token/value"), Some(("order-token", "value")));
        assert_eq!(secret("order-token"), None);
        assert_eq!(secret("Order/value"), None);
        assert_eq!(secret("a/b/c"), None);
    }
}
