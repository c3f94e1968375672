//! Headers that say what a caller prefers, such as `Accept-Language`.

/// Parses the members of a preference header, each with its weight in thousandths (RFC 9110
/// §12.4.2).
pub(super) fn weighed(header: &str) -> impl Iterator<Item = (&str, u32)> {
    header.split(',').map(|member| {
        let (name, parameters) = member.split_once(';').unwrap_or((member, ""));
        let given = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        (name.trim(), given.map_or(1_000, thousandths))
    })
}

/// Parses a weight such as `0.8` into thousandths. An invalid weight counts as 0.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" => 1_000,
        "0" if fraction.len() <= 3 && digits(fraction) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// Returns whether the caller takes a response in this encoding, by an `Accept-Encoding` header.
/// What is not listed is taken if `*` is (RFC 9110 §12.5.3).
pub(super) fn takes(accept_encoding: &str, encoding: &str) -> bool {
    let weight_of = |wanted: &str| {
        weighed(accept_encoding).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, weight)| weight)
    };
    weight_of(encoding).or_else(|| weight_of("*")).is_some_and(|weight| weight > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_if_it_or_everything_has_a_weight() {
        for (header, taken) in [
            ("gzip, deflate, br, zstd", true),
            ("BR", true),
            ("gzip;q=1.0, br;q=0.1", true),
            ("*", true),
            ("gzip, *;q=0.5", true),
            ("br, *;q=0", true),
            ("", false),
            ("gzip", false),
            ("brotli", false),
            ("br;q=0", false),
            ("br;q=0.000, gzip", false),
            ("br;q=x", false),
            ("br;q=0, *", false),
            ("*;q=0", false),
        ] {
            assert_eq!(takes(header, "br"), taken, "{header}");
        }
    }
}
