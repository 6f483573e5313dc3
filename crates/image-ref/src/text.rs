//! What the crate's types share: each of them is a text that was checked once.

/// Gives a type with `parse(&str) -> Result<Self, ParseError>` and `Display` the rest of what a checked text has:
/// `FromStr`, `Serialize`, and a `Deserialize` that checks. A macro, because a trait cannot implement foreign traits.
macro_rules! checked_text {
    ($name:ty) => {
        impl std::str::FromStr for $name {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use checked_text;
