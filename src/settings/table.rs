//! The macro that turns the documented table into structs, defaults, checks and the printed file.

/// One value that can stand in Settings.toml.
pub(super) trait Printed {
    fn printed(&self) -> String;
}

impl Printed for u64 {
    fn printed(&self) -> String {
        self.to_string()
    }
}

impl Printed for String {
    fn printed(&self) -> String {
        format!("{self:?}")
    }
}

/// The default as the field's own type.
pub(super) trait IntoField<T> {
    fn into_field(self) -> T;
}

impl IntoField<String> for &str {
    fn into_field(self) -> String {
        self.to_owned()
    }
}

impl IntoField<u64> for u64 {
    fn into_field(self) -> u64 {
        self
    }
}

macro_rules! fields {
    ($(#[doc = $about:literal])* $name:ident, $prefix:expr, { $($(#[doc = $doc:literal])* $field:ident : $type:ty = $default:expr, $rule:expr;)* }, { $($section:ident : $section_type:ident,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
            $(pub $section: $section_type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($field: $crate::settings::table::IntoField::into_field($default),)*
                    $($section: $section_type::default(),)*
                }
            }
        }

        impl $name {
            /// Every key, as the environment spells it after `HUB_`.
            fn keys(prefix: &str, keys: &mut Vec<String>) {
                $(keys.push(format!("{prefix}{}", stringify!($field)).to_uppercase());)*
                $($section_type::keys(concat!(stringify!($section), "__"), keys);)*
            }

            fn check_fields(&self) -> Result<(), String> {
                $($crate::settings::rule::Rule::check(&$rule, &self.$field)
                    .map_err(|allowed| format!("{}{} = {}: {allowed}", $prefix, stringify!($field), $crate::settings::table::Printed::printed(&self.$field)))?;)*
                $(self.$section.check_fields()?;)*
                Ok(())
            }

            fn print(&self, out: &mut String, documented: bool) {
                use std::fmt::Write;
                $(
                    if documented {
                        $(let _ = writeln!(out, "#{}", $doc);)*
                    }
                    let _ = writeln!(out, "{} = {}", stringify!($field), $crate::settings::table::Printed::printed(&self.$field));
                )*
                $(
                    let _ = writeln!(out);
                    if documented {
                        let _ = writeln!(out, "#{}", $section_type::ABOUT);
                    }
                    let _ = writeln!(out, "[{}]", stringify!($section));
                    self.$section.print(out, documented);
                )*
            }

            fn list(&self, section: &'static str, all: &mut Vec<$crate::settings::Setting>) {
                $(all.push($crate::settings::Setting {
                    section,
                    key: stringify!($field),
                    value: $crate::settings::table::Printed::printed(&self.$field),
                    default: $crate::settings::table::Printed::printed(&<_ as $crate::settings::table::IntoField<$type>>::into_field($default)),
                    about: concat!($($doc),*).trim(),
                });)*
                $(self.$section.list(stringify!($section), all);)*
            }

            const ABOUT: &str = concat!($($about),*);
        }
    };
}

macro_rules! settings {
    (
        $(#[doc = $root_about:literal])* root $root:ident { $($root_fields:tt)* }
        $($(#[doc = $about:literal])* section $section:ident $name:ident { $($fields:tt)* })*
    ) => {
        fields! { $(#[doc = $root_about])* Settings, "", { $($root_fields)* }, { $($section : $name,)* } }
        $(fields! { $(#[doc = $about])* $name, concat!(stringify!($section), "."), { $($fields)* }, {} })*

        impl Settings {
            /// Every key with its value. No secret is among them: those lie in files that the settings only name.
            pub fn all(&self) -> Vec<Setting> {
                let mut all = Vec::new();
                self.list("", &mut all);
                all
            }

            /// The file Settings.toml with these values; `documented` adds what each key means.
            pub fn to_toml(&self, documented: bool) -> String {
                let mut out = String::new();
                if documented {
                    out.push_str(load::HEADER);
                    out.push_str("#");
                    out.push_str(Self::ABOUT);
                    out.push('\n');
                }
                self.print(&mut out, documented);
                out
            }
        }
    };
}
