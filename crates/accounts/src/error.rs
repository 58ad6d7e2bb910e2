//! What can go wrong with an account, as far as its caller can tell it apart.

/// What went wrong. The words are for whoever made the request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an e-mail address.
    #[error("Invalid email")]
    InvalidEmail,
    /// Shorter than 8 characters.
    #[error("Password too short")]
    PasswordTooShort,
    /// Longer than 128 characters.
    #[error("Password too long")]
    PasswordTooLong,
    /// The name or the picture's address is too long or holds control characters.
    #[error("{0}")]
    InvalidField(&'static str),
    /// The e-mail address is in use.
    #[error("User already exists. Use another email.")]
    EmailTaken,
    /// No such address, or another password: it is not said which.
    #[error("Invalid email or password")]
    InvalidCredentials,
    /// Another password than the present one.
    #[error("Invalid password")]
    WrongPassword,
    /// Too many attempts before this one.
    #[error("Too many requests. Please try again later.")]
    TooMany {
        /// After how many seconds another may be made.
        retry_after_seconds: u32,
    },
    /// Nobody can sign up here.
    #[error("Email and password sign up is not enabled")]
    SignUpClosed,
    /// Only those with an invitation can sign up here, and this is none that counts.
    #[error("Signing up here needs an invitation that has not been used")]
    InvitationNeeded,
    /// The address has to be proven first; a mail has been sent.
    #[error("Email not verified")]
    EmailNotVerified,
    /// The user may not sign in.
    #[error("This account has been disabled")]
    Disabled,
    /// Nothing was given to change.
    #[error("No fields to update")]
    NothingToUpdate,
    /// A link that never was, or has been used.
    #[error("Invalid token")]
    BadLink,
    /// A link that counted once.
    #[error("Token expired")]
    LinkExpired,
    /// This server sends no mail.
    #[error("Reset password isn't enabled")]
    MailOff,
    /// Signed in too long ago for what was asked.
    #[error("Session is not fresh")]
    NotFresh,
    /// No user has this id or address.
    #[error("there is no user {0}")]
    NoSuchUser(String),
    /// No API token of this user has the id.
    #[error("there is no such token; list your tokens to see their ids")]
    NoSuchToken,
    /// No agent of this user has the id.
    #[error("there is no such agent; list your agents to see their ids")]
    NoSuchAgent,
    /// An API token that ends before it begins.
    #[error("a token lasts from 1 to 3650 days")]
    BadLifetime,
    /// Mail cannot be sent as the settings say.
    #[error("mail cannot be sent: {0}")]
    Mail(String),
    /// The external server did not answer, or not as it should.
    #[error("the sign-in server did not answer; try again in a moment")]
    External(String),
    /// Too much is going on at once.
    #[error("too many requests are waiting; try again in a second")]
    Busy,
    /// There is no key to sign tokens with, and none can be made.
    #[error("tokens cannot be signed")]
    NoKey,
    /// The database does not answer, or holds something it should not.
    #[error("the database did not answer; nothing was changed. Try again in a moment")]
    Database(#[source] store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict | store::Error::Busy => Self::Busy,
            error => Self::Database(error),
        }
    }
}
