//! The parameters of a request, in a query or a form.

use super::OauthError;

/// Names and values. One without a value counts as missing, and none may be there twice.
#[derive(Debug, Clone)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `name=value&…`.
    pub fn parse(encoded: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(encoded);
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Every value with this name; only `resource` can have several.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(given, _)| given == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The value with this name. `None` if there is none.
    ///
    /// # Errors
    /// `invalid_request` if there are several.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&str>, OauthError> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(OauthError::invalid_request(format!(
                "{name} is there more than once"
            )));
        }
        Ok(first)
    }

    /// The value with this name.
    ///
    /// # Errors
    /// `invalid_request` if there is none, or several.
    pub(super) fn required(&self, name: &str) -> Result<&str, OauthError> {
        self.optional(name)?
            .ok_or_else(|| OauthError::invalid_request(format!("{name} is missing")))
    }
}
