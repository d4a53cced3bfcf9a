//! Values that are one line of comma-separated fields, as buildx made common.

/// The fields of one line; none if its quotes do not add up. A field with a comma is quoted.
pub(super) fn fields(text: &str) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let record = records.next()?.ok()?;
    if records.next().is_some() {
        return None;
    }
    Some(record.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_and_quotes_join() {
        let read = |text: &str| fields(text).unwrap().join("|");
        assert_eq!(read("a=b,c"), "a=b|c");
        assert_eq!(read(r#"a,"b=c,d""#), "a|b=c,d");
        assert_eq!(read("a,"), "a|");
        assert_eq!(fields(""), None);
        assert_eq!(fields("a\nb"), None);
    }
}
