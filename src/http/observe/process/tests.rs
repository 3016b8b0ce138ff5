use super::*;

#[test]
fn resident_memory_is_converted_to_bytes() {
    let status = "Name:\tmarquee\nVmHWM:\t   99 kB\nVmRSS:\t    12 kB\n";
    assert_eq!(resident_memory(status), Some(12 * 1024));
    assert_eq!(resident_memory("Name:\tmarquee\n"), None);
}
