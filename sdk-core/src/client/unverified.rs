//! Certificates that a configuration asks not to verify.

use crate::error::Error;

/// Whose certificates a configuration asks not to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// The service's.
    Service,
    /// The token endpoint's.
    Tokens,
}

/// What a configuration asks not to verify, and whether it may.
#[derive(Default)]
pub(super) struct Disabled {
    allowed: bool,
    /// Why not, unless it is allowed.
    service: Option<Error>,
    tokens: Option<Error>,
}

/// Whose certificates are verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verify {
    pub(super) service: bool,
    pub(super) tokens: bool,
}

impl Disabled {
    pub(super) fn allow(&mut self) {
        self.allowed = true;
    }

    pub(super) fn disable(&mut self, of: Unverified, refusal: Error) {
        match of {
            Unverified::Service => self.service = Some(refusal),
            Unverified::Tokens => self.tokens = Some(refusal),
        }
    }

    /// What is verified.
    ///
    /// # Errors
    ///
    /// The refusal, if a configuration asks for what is not allowed.
    pub(super) fn verify(self) -> Result<Verify, Error> {
        let verify = Verify { service: self.service.is_none(), tokens: self.tokens.is_none() };
        match self.service.or(self.tokens) {
            Some(refusal) if !self.allowed => Err(refusal),
            _ => Ok(verify),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn verify(allowed: bool, asked: &[Unverified]) -> Result<Verify, String> {
        let mut disabled = Disabled { allowed, ..Disabled::default() };
        for of in asked {
            disabled.disable(*of, Error::new(ErrorKind::Configuration, format!("{of:?}")));
        }
        disabled.verify().map_err(|error| error.to_string())
    }

    #[test]
    fn only_what_is_asked_for_and_allowed_goes_unverified() {
        use Unverified::{Service, Tokens};

        for allowed in [true, false] {
            assert_eq!(verify(allowed, &[]), Ok(Verify { service: true, tokens: true }));
        }
        assert_eq!(verify(true, &[Service]), Ok(Verify { service: false, tokens: true }));
        assert_eq!(verify(true, &[Tokens]), Ok(Verify { service: true, tokens: false }));
        assert_eq!(verify(true, &[Service, Tokens]), Ok(Verify { service: false, tokens: false }));
        assert_eq!(verify(false, &[Tokens, Service]).unwrap_err(), "invalid configuration: Service");
        assert_eq!(verify(false, &[Tokens]).unwrap_err(), "invalid configuration: Tokens");
    }
}
