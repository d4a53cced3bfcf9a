//! Whether bytes are an archive, told by the first of them as BuildKit tells it.

/// So many bytes are enough to know.
pub(super) const HEAD: usize = 1024;

/// A block of a tar archive.
const BLOCK: usize = 512;

const GZIP: &[u8] = b"\x1f\x8b\x08";
const BZIP2: &[u8] = b"BZh";
const XZ: &[u8] = b"\xfd7zXZ\0";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// What has to be sent before an archive that begins with `head`, which is mostly nothing; none if it
/// is no archive.
pub(super) fn start(head: &[u8]) -> Option<Vec<u8>> {
    let magics = [GZIP, BZIP2, XZ, ZSTD];
    if magics.iter().any(|magic| head.starts_with(magic)) || is_skippable_zstd(head) {
        return Some(Vec::new());
    }
    let block = head.get(..BLOCK).filter(|block| is_tar_header(block))?;
    // The daemon looks at the first 1024 bytes only, and takes an archive for a Dockerfile whose first
    // entry has not ended there: one with a long name or a PAX header, as Python writes.
    let is_extended = matches!(block[TYPE], b'x' | b'L' | b'K');
    Some(if is_extended { comment() } else { Vec::new() })
}

/// Where a header says what its entry is.
const TYPE: usize = 156;
/// Where its checksum is.
const CHECKSUM: std::ops::Range<usize> = 148..156;

fn is_skippable_zstd(head: &[u8]) -> bool {
    matches!(head, [first, 0x2a, 0x4d, 0x18, _, _, _, _, ..] if first & 0xf0 == 0x50)
}

/// Whether the checksum of a header is right. That of an empty block is not.
fn is_tar_header(block: &[u8]) -> bool {
    let written = std::str::from_utf8(&block[CHECKSUM]).unwrap_or_default();
    let written = written.trim_matches([' ', '\0']);
    u32::from_str_radix(written, 8).is_ok_and(|written| written == checksum(block))
}

/// The sum of all bytes, with blanks in the place of the checksum itself.
fn checksum(block: &[u8]) -> u32 {
    let byte = |(at, byte): (usize, &u8)| {
        let byte = if CHECKSUM.contains(&at) { b' ' } else { *byte };
        u32::from(byte)
    };
    block.iter().enumerate().map(byte).sum()
}

/// A global PAX header with a comment, which every reader of tar skips.
fn comment() -> Vec<u8> {
    const RECORD: &[u8] = b"13 comment=.\n";
    let mut blocks = vec![0; 2 * BLOCK];
    let mut set = |at: usize, text: &[u8]| blocks[at..at + text.len()].copy_from_slice(text);
    set(0, b"pax_global_header");
    set(100, b"0000644\0");
    set(108, b"0000000\0");
    set(116, b"0000000\0");
    set(124, format!("{:011o}\0", RECORD.len()).as_bytes());
    set(136, b"00000000000\0");
    set(TYPE, b"g");
    set(257, b"ustar\x0000");
    set(BLOCK, RECORD);
    let sum = format!("{:06o}\0 ", checksum(&blocks[..BLOCK]));
    blocks[CHECKSUM].copy_from_slice(sum.as_bytes());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(kind: u8) -> Vec<u8> {
        let mut block = comment()[..BLOCK].to_vec();
        block[TYPE] = kind;
        let sum = format!("{:06o}\0 ", checksum(&block));
        block[CHECKSUM].copy_from_slice(sum.as_bytes());
        block
    }

    #[test]
    fn archives() {
        let compressed: [&[u8]; 6] = [
            b"\x1f\x8b\x08",
            b"BZh9",
            b"\xfd7zXZ\0",
            b"\x28\xb5\x2f\xfd",
            b"\x50\x2a\x4d\x18\0\0\0\0",
            b"\x5f\x2a\x4d\x18\0\0\0\0",
        ];
        for head in compressed {
            assert_eq!(start(head), Some(Vec::new()), "{head:?}");
        }
        for kind in *b"0\x005g" {
            assert_eq!(start(&header(kind)), Some(Vec::new()));
        }
        for kind in *b"xLK" {
            assert_eq!(start(&header(kind)).unwrap().len(), 2 * BLOCK);
        }
    }

    #[test]
    fn no_archives() {
        let mut wrong_sum = header(b'0');
        wrong_sum[0] += 1;
        let rows: [&[u8]; 7] = [
            b"",
            b"FROM scratch\n",
            b"\x1f\x8b",
            b"\x50\x2a\x4d\x18",
            &[0; 1024],
            &[b'#'; 1024],
            &wrong_sum,
        ];
        for head in rows {
            assert_eq!(start(head), None, "{head:?}");
        }
    }

    #[test]
    fn the_comment_is_an_archive_itself() {
        assert_eq!(start(&comment()), Some(Vec::new()));
        let record = &comment()[BLOCK..];
        let length = record.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        assert!(record.starts_with(format!("{length} ").as_bytes()));
    }
}
