//! Users and their passwords.

use domain::UserId;
use jiff::Timestamp;

use super::{instant, iso, optional};
use crate::db::{Row, Statement, params};
use crate::{Error, Store};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// Whether the address has been proven to be theirs.
    pub email_verified: bool,
    /// The address of a picture.
    pub image: Option<String>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When anything of this changed last.
    pub updated_at: Timestamp,
    /// Whether they may not sign in.
    pub disabled: bool,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    /// The id.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// The e-mail address, in lower case.
    pub email: &'a str,
    /// The address of a picture.
    pub image: Option<&'a str>,
    /// The id of the account that holds the password, and the password's hash.
    pub password: Option<(&'a str, &'a str)>,
}

/// The columns of a user, in the order in which [`user`] reads them.
macro_rules! user_columns {
    () => {
        "\"user\".\"id\", \"user\".\"name\", \"user\".\"email\", \"user\".\"emailVerified\", \"user\".\"image\", \
         \"user\".\"createdAt\", \"user\".\"updatedAt\", disabled_user.disabled_at"
    };
}

/// Where the columns come from.
macro_rules! user_tables {
    () => {
        " FROM \"user\" LEFT JOIN disabled_user ON disabled_user.user_id = \"user\".\"id\""
    };
}

pub(super) use {user_columns, user_tables};

/// Reads [`user_columns`].
pub(super) fn user(row: &mut Row) -> Result<User, Error> {
    Ok(User {
        id: row.text()?,
        name: row.text()?,
        email: row.text()?,
        email_verified: row.int()? != 0,
        image: row.text_or_null()?,
        created_at: instant(row)?,
        updated_at: instant(row)?,
        disabled: row.int_or_null()?.is_some(),
    })
}

/// Ends what was mailed to a user. What confirms an address has it after the id.
const FORGET_LINKS: &str = "DELETE FROM \"verification\" \
                            WHERE \"value\" = $1 OR substr(\"value\", 1, length($1) + 1) = $1 || ' '";

impl Store {
    /// Makes a user. Whether it was made; it was not if the id or the address is in use.
    pub async fn create_user(&self, new: &NewUser<'_>, now: Timestamp) -> Result<bool, Error> {
        let sql = "INSERT INTO \"user\" (\"id\", \"name\", \"email\", \"image\", \"emailVerified\", \"createdAt\", \"updatedAt\") \
                   VALUES ($1, $2, $3, $4, FALSE, $5::timestamptz, $5::timestamptz)";
        let image = optional(new.image);
        let mut statements = vec![Statement::new(
            sql,
            params![new.id, new.name, new.email, image, iso(now)],
        )];
        if let Some((account, hash)) = new.password {
            statements.push(insert_password(new.id, account, hash, now));
        }
        match self.db.shared().write(statements).await {
            Ok(_) => Ok(true),
            Err(Error::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every user, in the order in which they were made.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            user_tables!(),
            " ORDER BY \"user\".\"createdAt\", \"user\".\"id\""
        );
        self.every(sql, params![], user).await
    }

    /// The user with this id. `None` if there is none.
    pub async fn user(&self, id: &str) -> Result<Option<User>, Error> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            user_tables!(),
            " WHERE \"user\".\"id\" = $1"
        );
        self.one(sql, params![id], user).await
    }

    /// The user with this e-mail address, in lower case. `None` if there is none.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, Error> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            user_tables!(),
            " WHERE \"user\".\"email\" = $1"
        );
        self.one(sql, params![email], user).await
    }

    /// Changes what is given: the name, and the picture (`Some(None)` takes it away).
    pub async fn update_user(
        &self,
        id: &UserId,
        name: Option<&str>,
        image: Option<Option<&str>>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "UPDATE \"user\" SET \"name\" = COALESCE($2, \"name\"), \
                   \"image\" = CASE WHEN $3 = 1 THEN $4 ELSE \"image\" END, \"updatedAt\" = $5::timestamptz WHERE \"id\" = $1";
        let params = params![
            id.as_str(),
            optional(name),
            i64::from(image.is_some()),
            optional(image.flatten()),
            iso(now)
        ];
        self.change(sql, params).await.map(|_| ())
    }

    /// Gives a user this address, proven to be theirs, and ends every link that was mailed to them. Whether it could be
    /// done; it could not if it is somebody else's.
    pub async fn verify_email(
        &self,
        id: &UserId,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "UPDATE \"user\" SET \"email\" = $2, \"emailVerified\" = TRUE, \"updatedAt\" = $3::timestamptz WHERE \"id\" = $1";
        let statements = vec![
            Statement::new(sql, params![id.as_str(), email, iso(now)]),
            Statement::new(FORGET_LINKS, params![id.as_str()]),
        ];
        match self.db.shared().write(statements).await {
            Ok(_) => Ok(true),
            Err(Error::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a user may sign in. Those who may not lose their sessions.
    pub async fn set_disabled(
        &self,
        id: &UserId,
        disabled: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let statements = if disabled {
            vec![
                Statement::new(
                    "INSERT INTO disabled_user (user_id, disabled_at) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING",
                    params![id.as_str(), now.as_microsecond()],
                ),
                Statement::new(
                    "DELETE FROM \"session\" WHERE \"userId\" = $1",
                    params![id.as_str()],
                ),
            ]
        } else {
            vec![Statement::new(
                "DELETE FROM disabled_user WHERE user_id = $1",
                params![id.as_str()],
            )]
        };
        self.db.shared().write(statements).await.map(|_| ())
    }

    /// The hash of a user's password. `None` if they have none.
    pub async fn password(&self, id: &UserId) -> Result<Option<String>, Error> {
        let sql = "SELECT \"password\" FROM \"account\" WHERE \"userId\" = $1 AND \"providerId\" = 'credential'";
        let found = self
            .one(sql, params![id.as_str()], Row::text_or_null)
            .await?;
        Ok(found.flatten())
    }

    /// Gives a user this password, and ends every link that was mailed to them. `account` is the id of the row that holds
    /// it, should there be none yet. With `sign_out`, every session of theirs ends.
    pub async fn set_password(
        &self,
        id: &UserId,
        account: &str,
        hash: &str,
        sign_out: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let update = "UPDATE \"account\" SET \"password\" = $2, \"updatedAt\" = $3::timestamptz \
                      WHERE \"userId\" = $1 AND \"providerId\" = 'credential'";
        let mut statements = vec![Statement::new(update, params![id.as_str(), hash, iso(now)])];
        statements.push(insert_password(id.as_str(), account, hash, now));
        statements.push(Statement::new(FORGET_LINKS, params![id.as_str()]));
        if sign_out {
            let sql = "DELETE FROM \"session\" WHERE \"userId\" = $1";
            statements.push(Statement::new(sql, params![id.as_str()]));
        }
        self.db.shared().write(statements).await.map(|_| ())
    }

    /// When a user's password was set first and last, and the id of the row that holds it. `None` if they have none.
    pub async fn password_account(
        &self,
        id: &UserId,
    ) -> Result<Option<(String, Timestamp, Timestamp)>, Error> {
        let sql = "SELECT \"id\", \"createdAt\", \"updatedAt\" FROM \"account\" \
                   WHERE \"userId\" = $1 AND \"providerId\" = 'credential'";
        let account = |row: &mut Row| Ok((row.text()?, instant(row)?, instant(row)?));
        self.one(sql, params![id.as_str()], account).await
    }

    /// Removes a user and everything of theirs from every table. `ours` says whether accounts are kept here; those of
    /// an external server are left to it.
    pub async fn delete_user(&self, user: &UserId, email: &str, ours: bool) -> Result<(), Error> {
        let id = user.as_str();
        let mut all = vec![
            "DELETE FROM tasks WHERE user_id = $1",
            "DELETE FROM projects WHERE user_id = $1",
            "DELETE FROM journal WHERE user_id = $1",
            "DELETE FROM journal_rows WHERE user_id = $1",
            "DELETE FROM messages WHERE user_id = $1",
            "DELETE FROM conversations WHERE user_id = $1",
            "DELETE FROM model_use WHERE user_id = $1",
            "DELETE FROM proposals WHERE user_id = $1",
            "DELETE FROM profile WHERE user_id = $1",
            "DELETE FROM api_token WHERE user_id = $1",
            "DELETE FROM oauth_code WHERE user_id = $1",
            "DELETE FROM oauth_refresh_token WHERE user_id = $1",
            "DELETE FROM oauth_grant WHERE user_id = $1",
            "DELETE FROM sign_in_link WHERE user_id = $1",
            "DELETE FROM disabled_user WHERE user_id = $1",
            "DELETE FROM security_event WHERE user_id = $1",
        ];
        if ours {
            all.extend([
                "DELETE FROM \"session\" WHERE \"userId\" = $1",
                "DELETE FROM \"account\" WHERE \"userId\" = $1",
                FORGET_LINKS,
                "DELETE FROM \"user\" WHERE \"id\" = $1",
            ]);
        }
        let mut statements: Vec<_> = all
            .into_iter()
            .map(|sql| Statement::new(sql, params![id]))
            .collect();
        statements.push(Statement::new(
            "DELETE FROM invitation WHERE email = $1",
            params![email],
        ));
        self.db.of(user).write(statements).await.map(|_| ())
    }
}

/// Keeps a password, unless there is one.
fn insert_password(user: &str, account: &str, hash: &str, now: Timestamp) -> Statement {
    let sql = "INSERT INTO \"account\" (\"id\", \"accountId\", \"providerId\", \"userId\", \"password\", \"createdAt\", \"updatedAt\") \
               SELECT $2, $1, 'credential', $1, $3, $4::timestamptz, $4::timestamptz WHERE NOT EXISTS \
               (SELECT 1 FROM \"account\" WHERE \"userId\" = $1 AND \"providerId\" = 'credential')";
    Statement::new(sql, params![user, account, hash, iso(now)])
}
