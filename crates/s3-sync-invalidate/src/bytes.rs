//! Sizes as people read them.

/// `bytes` with a unit of 1024 steps: `17 B`, `1.5 KiB`.
pub(crate) fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn sizes_have_a_unit() {
        assert_eq!(shown(0), "0 B");
        assert_eq!(shown(1536), "1.5 KiB");
        assert_eq!(shown(20 * 1024 * 1024), "20.0 MiB");
        assert_eq!(shown(5 * 1024 * 1024 * 1024), "5.0 GiB");
    }
}
