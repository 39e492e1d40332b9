//! Unambiguous byte layouts: fixed-width big-endian numbers and length-prefixed byte strings, so that no
//! two different values have the same bytes.

/// Appends values to a byte string.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Begins with a label that names the kind and version of what follows.
    pub(crate) fn labelled(label: &str) -> Self {
        Self::default().bytes(label.as_bytes())
    }

    /// The same with room reserved, so that writing secrets leaves no outgrown copy behind.
    pub(crate) fn labelled_with_capacity(label: &str, capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity)).bytes(label.as_bytes())
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u64(self, value: u64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i64(self, value: i64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// Bytes of a length that the reader knows.
    pub(crate) fn raw(mut self, value: &[u8]) -> Self {
        self.0.extend_from_slice(value);
        self
    }

    /// Bytes of any length, after their length.
    pub(crate) fn bytes(self, value: &[u8]) -> Self {
        self.u64(value.len() as u64).raw(value)
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Takes values off the front of a byte string; `None` when it is too short.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Takes the label that [`Writer::labelled`] wrote; `None` when another stands there.
    pub(crate) fn label(&mut self, label: &str) -> Option<()> {
        (self.bytes()? == label.as_bytes()).then_some(())
    }

    /// Takes bytes that [`Writer::bytes`] wrote after their length.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u64()?;
        self.raw(usize::try_from(length).ok()?)
    }

    pub(crate) fn raw(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Succeeds when nothing is left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
