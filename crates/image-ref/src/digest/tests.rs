use proptest::prelude::*;

use super::*;

#[test]
fn the_digest_of_nothing_is_the_known_one() {
    let empty = Digest::of(b"");
    assert_eq!(empty.as_str(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(empty.short(), "e3b0c44298fc");
    assert_eq!(empty.hex().len(), 64);
}

#[test]
fn sha512_has_its_own_length() {
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(b"abc");
    let digest = hasher.finish();
    assert!(digest.as_str().starts_with("sha512:ddaf35a193617aba"));
    assert_eq!(Digest::parse(digest.as_str()).unwrap(), digest);
    assert!(Digest::parse(&digest.as_str().replace("sha512", "sha256")).is_err());
}

#[test]
fn refuses_upper_case_other_algorithms_and_wrong_lengths() {
    let good = Digest::of(b"x").as_str().to_owned();
    for bad in [good.to_uppercase(), good.replace("sha256", "md5"), good[..70].to_owned(), format!("{good}0")] {
        assert_eq!(Digest::parse(&bad), Err(ParseError::Digest), "{bad}");
    }
    assert!(serde_json::from_str::<Digest>("\"sha256:../../etc/passwd\"").is_err());
}

proptest! {
    #[test]
    fn hashing_in_pieces_is_hashing_at_once(content: Vec<u8>, cut: usize) {
        let (head, tail) = content.split_at(cut % (content.len() + 1));
        let mut hasher = Hasher::for_digest(&Digest::of(b""));
        hasher.update(head);
        hasher.update(tail);
        prop_assert_eq!(hasher.finish(), Digest::of(&content));
    }

    #[test]
    fn text_and_json_round_trip(content: Vec<u8>) {
        let digest = Digest::of(&content);
        prop_assert_eq!(&digest.to_string().parse::<Digest>().unwrap(), &digest);
        prop_assert_eq!(serde_json::from_str::<Digest>(&serde_json::to_string(&digest).unwrap()).unwrap(), digest);
    }
}
