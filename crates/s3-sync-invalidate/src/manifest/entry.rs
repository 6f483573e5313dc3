//! What a manifest says of one object.

use super::ReleaseId;
use crate::compress::Plain;
use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::headers::Fingerprint;
use crate::s3::parts;

/// An object of the site. There may be a million, so what most of them do not have lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The size of its content in bytes.
    pub size: u64,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// The `ETag` it had when it was put or seen, without quotes.
    pub etag: ETag,
    /// What it was published with; `None` when nobody compared the headers of an object that was there.
    pub headers: Option<Fingerprint>,
    /// Whether it is a page or another entry point, which is not kept once it is gone.
    pub page: bool,
    /// What [`Rare::boxed`] made.
    pub(crate) rare: Option<Box<Rare>>,
}

/// What most objects do not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    /// Set when the name carries a hash and the content changed all the same: the name promises nothing.
    pub(crate) unsteady: bool,
    /// The file itself where its compression was tried; what is stored is the compressed file when that has another sum.
    pub(crate) packed: Option<Plain>,
    /// The last release that used it; `None` for those of the present one.
    pub(crate) last_used: Option<ReleaseId>,
}

impl Rare {
    /// `None` for the default.
    pub(crate) fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Entry {
    /// The same object, last used by another release; `None` for the present one.
    #[must_use]
    pub(crate) fn last_used_by(self, last_used: Option<ReleaseId>) -> Self {
        let rare = Rare { last_used, unsteady: self.unsteady(), packed: self.packed() };
        Self { rare: rare.boxed(), ..self }
    }

    /// [`Rare::unsteady`].
    pub(crate) fn unsteady(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.unsteady)
    }

    /// [`Rare::packed`].
    pub(crate) fn packed(&self) -> Option<Plain> {
        self.rare.as_ref()?.packed
    }

    /// The sum of the file itself.
    pub(crate) fn plain(&self) -> Md5Sum {
        self.packed().map_or(self.md5, |plain| plain.md5)
    }

    /// [`Rare::last_used`].
    pub(crate) fn last_used(&self) -> Option<&ReleaseId> {
        self.rare.as_ref()?.last_used.as_ref()
    }

    /// Whether its sum can be compared with that of a file of `size` bytes: large files had an MD5 before they had a sum of their own.
    pub(crate) fn is_comparable(&self, size: u64) -> bool {
        let is_packed = self.packed().is_some_and(|plain| plain.packing(self.md5).is_some());
        is_packed || self.size != size || size < parts::FROM || self.md5.is_of_large(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress::Coding;

    #[test]
    fn what_is_rare_is_no_part_of_what_is_not() {
        let rare = Rare::default().boxed();
        assert_eq!(rare, None);
        let plain = Entry { size: 1, md5: Md5Sum::of(b"x"), etag: ETag::default(), headers: None, page: false, rare };
        let id = ReleaseId::parse("20261121T161748Z-3f2a1b4c").unwrap();
        let packed = Some(Plain { md5: Md5Sum::of(b"y"), coding: Coding::Brotli });
        let rare = Rare { unsteady: true, packed, last_used: None }.boxed();
        let left = Entry { rare, ..plain.clone() }.last_used_by(Some(id.clone()));
        assert_eq!((left.unsteady(), left.packed(), left.last_used()), (true, packed, Some(&id)));
        assert_eq!(plain.clone().last_used_by(Some(id)).last_used_by(None), plain);
        assert_eq!(size_of::<Entry>(), 80);
    }
}
