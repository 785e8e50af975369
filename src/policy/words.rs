//! The closed sets of words that conditions, session controls and facts share.

use std::fmt;

/// Words of the language, each with its spelling.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$of])* $word,)+ }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$word),+];

            /// As policies write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What sends the request.
    Client {
        /// A browser, by its `Sec-Fetch-*` headers.
        Browser = "browser",
        /// Anything else that is no upgrade.
        Api = "api",
        /// A WebSocket upgrade.
        Websocket = "websocket",
    }
}

words! {
    /// The operating system that the client says it runs on.
    Platform {
        /// Windows.
        Windows = "windows",
        /// macOS.
        Macos = "macos",
        /// Linux, `ChromeOS` not included.
        Linux = "linux",
        /// iOS and iPadOS.
        Ios = "ios",
        /// Android.
        Android = "android",
        /// Anything else that says what it is.
        Other = "other",
    }
}

words! {
    /// What is known about the device.
    Device {
        /// This guest was seen on it before.
        Known = "known",
        /// This guest was not.
        New = "new",
        /// It has a valid client certificate.
        Certified = "certified",
    }
}

words! {
    /// How unusual a sign-in is, by our own signals.
    #[derive(Default)]
    Risk {
        /// Nothing speaks against it.
        #[default]
        Low = "low",
        /// Something is unusual.
        Medium = "medium",
        /// Much speaks against it.
        High = "high",
    }
}

words! {
    /// Something unusual about the use of a session.
    Signal {
        /// A network (/24, or /48) that the guest has not signed in from before.
        NewNetwork = "new-network",
        /// A country that the guest has not signed in from before.
        NewCountry = "new-country",
        /// Two countries within an hour.
        ImpossibleTravel = "impossible-travel",
        /// A network that definitions list as risky.
        ListedNetwork = "listed-network",
        /// Nobody knows where the request comes from.
        UnknownAddress = "unknown-address",
        /// Many wrong codes were typed in for the address before the sign-in.
        ManyWrongCodes = "many-wrong-codes",
        /// The guest had not been here for long before the sign-in.
        LongAbsence = "long-absence",
    }
}

words! {
    /// What a session is bound to.
    Bound {
        /// The network prefix of its address: /24, or /48.
        Network = "network",
        /// The device that it began on.
        Device = "device",
    }
}

words! {
    /// Whether answers that are attachments pass.
    #[derive(Default)]
    Downloads {
        /// They do.
        #[default]
        Allow = "allow",
        /// They are withheld.
        Deny = "deny",
    }
}

impl Downloads {
    pub(super) fn pass(&self) -> bool {
        *self == Self::Allow
    }
}

impl Bind {
    pub(super) fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

/// A set of small words.
macro_rules! sets {
    ($(#[$doc:meta])* $name:ident of $word:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(u8);

        impl $name {
            /// None of them.
            pub const NONE: Self = Self(0);

            /// These.
            pub fn of(words: &[$word]) -> Self {
                words.iter().fold(Self::NONE, |set, word| set.with(*word))
            }

            /// These, and one more.
            #[must_use]
            pub const fn with(self, word: $word) -> Self {
                Self(self.0 | 1 << word as u8)
            }

            /// Both together.
            #[must_use]
            pub const fn and(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Whether it is one of them.
            pub const fn contains(self, word: $word) -> bool {
                self.0 >> word as u8 & 1 == 1
            }

            /// Whether any word is in both.
            pub const fn meets(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether there is none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// One by one.
            pub fn iter(self) -> impl Iterator<Item = $word> {
                $word::ALL.into_iter().filter(move |word| self.contains(*word))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_set().entries(self.iter()).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (ix, word) in self.iter().enumerate() {
                    f.write_str(if ix > 0 { ", " } else { "" })?;
                    f.write_str(word.as_str())?;
                }
                Ok(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(self.iter())
            }
        }
    };
}

sets! {
    /// What is known about a device: `certified` may come with `known` or `new`. Nothing at all is unknown.
    Devices of Device
}

sets! {
    /// Everything that a session is bound to.
    Bind of Bound
}

sets! {
    /// Everything unusual about the use of a session.
    Signals of Signal
}
