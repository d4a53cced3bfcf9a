//! Which path each number stands for, in as little memory as a million entries deserve.

/// At the place of a parent: there is none.
const TOP: u32 = u32::MAX;

/// What the other side may do with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Ask for it once, and get the file's contents.
    File,
    /// Ask for it once, and get nothing: what is there cannot be read.
    Empty,
    /// Not ask for it: it has no contents, or they were asked for already.
    None,
}

/// What a number stood for when it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) content: Content,
    pub(super) path: Vec<u8>,
}

/// The entries of one walk, by number: a name each, and the number of the folder it is in.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    parent: u32,
    /// Where the name ends; it starts where the one before ends.
    end: u32,
    content: Content,
}

impl Table {
    /// Adds the next entry. `None` if the table is full, which takes 4 GiB of names.
    pub(super) fn push(
        &mut self,
        parent: Option<u32>,
        name: &[u8],
        content: Content,
    ) -> Option<()> {
        let end = u32::try_from(self.names.len() + name.len()).ok()?;
        self.names.extend_from_slice(name);
        self.entries.push(Entry {
            parent: parent.unwrap_or(TOP),
            end,
            content,
        });
        Some(())
    }

    /// Takes what `id` stands for. `None` if it may not be asked for.
    pub(super) fn take(&mut self, id: u32) -> Option<Wanted> {
        let entry = self.entries.get_mut(usize::try_from(id).ok()?)?;
        let content = std::mem::replace(&mut entry.content, Content::None);
        (content != Content::None).then(|| Wanted {
            content,
            path: self.path(id),
        })
    }

    fn path(&self, id: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut next = id;
        while let Some((parent, name)) = self.entry(next) {
            names.push(name);
            next = parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    fn entry(&self, id: u32) -> Option<(u32, &[u8])> {
        let index = usize::try_from(id).ok()?;
        let entry = self.entries.get(index)?;
        let before = index.checked_sub(1).and_then(|i| self.entries.get(i));
        let start = before.map_or(0, |before| before.end);
        let name = usize::try_from(start).ok()?..usize::try_from(entry.end).ok()?;
        Some((entry.parent, self.names.get(name)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_asked_for_once() {
        let mut table = Table::default();
        table.push(None, b"a", Content::None).unwrap();
        table.push(Some(0), b"deep", Content::None).unwrap();
        table.push(Some(1), b"file", Content::File).unwrap();
        table.push(None, b"socket", Content::Empty).unwrap();
        let wanted = |content, path: &str| Wanted {
            content,
            path: path.into(),
        };
        assert_eq!(table.take(2), Some(wanted(Content::File, "a/deep/file")));
        assert_eq!(table.take(2), None);
        assert_eq!(table.take(3), Some(wanted(Content::Empty, "socket")));
        assert_eq!(table.take(0), None);
        assert_eq!(table.take(4), None);
    }

    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<Entry>() <= 12);
    }
}
