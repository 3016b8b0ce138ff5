//! The command line settings of authentication, and the `token` commands.

use clap::{ArgAction, Args, Subcommand, ValueEnum, builder::BoolishValueParser};

use crate::access::{
    Role,
    anonymous::AnonymousRights,
    authenticator::Authenticator,
    jwt::{
        JwtPolicy, MAX_LEEWAY, RoleName,
        source::{InvalidKeySource, fetcher::FetchError},
        verifier::JwksVerifier,
    },
    lifetime::Lifetime,
    token::PublicId,
};

/// The help heading of these settings.
const HELP_HEADING: &str = "Authentication";

/// The settings of authentication.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct AccessArgs {
    /// Whether clients without a token may run queries and subscriptions.
    #[arg(
        long, env = "MARQUEE_ANONYMOUS_READS", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub anonymous_reads: bool,
    /// Whether clients without a token may use introspection.
    #[arg(
        long, env = "MARQUEE_ANONYMOUS_INTROSPECTION", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub anonymous_introspection: bool,
    /// Whether all clients may read the previous versions of reviews. By default editors may, and critics those of their
    /// own reviews.
    #[arg(
        long, env = "MARQUEE_PUBLIC_REVISIONS", default_value_t = false, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub public_revisions: bool,
    /// The issuer of accepted JWTs: the value of the `iss` claim. Requires --jwt-audience and --jwt-jwks. By default no
    /// JWTs are accepted.
    #[arg(long, env = "MARQUEE_JWT_ISSUER", value_name = "ISSUER")]
    pub jwt_issuer: Option<String>,
    /// The required audience of JWTs: the `aud` claim must be this value or a list that contains it. For access tokens of
    /// Amazon Cognito, which have no `aud`, the client ID.
    #[arg(long, env = "MARQUEE_JWT_AUDIENCE", value_name = "AUDIENCE")]
    pub jwt_audience: Option<String>,
    /// The public keys of the JWT issuer: a JWKS file, or the https URL of a JWKS.
    #[arg(long, env = "MARQUEE_JWT_JWKS", value_name = "FILE|URL")]
    pub jwt_jwks: Option<String>,
    /// The JWT claim with the role or a list of roles: critic, editor or admin. The highest role applies. A path with dots
    /// leads to a claim in an object, such as `realm_access.roles`.
    #[arg(
        long,
        env = "MARQUEE_JWT_ROLE_CLAIM",
        default_value = "marquee_role",
        value_name = "CLAIM"
    )]
    pub jwt_role_claim: String,
    /// A role and the identity provider's name for it, such as `editor=film-editors`. May be given several times, or
    /// once with semicolons. By default the names are critic, editor and admin; with this setting only the given names
    /// count.
    #[arg(
        long = "jwt-role",
        env = "MARQUEE_JWT_ROLES",
        value_delimiter = ';',
        value_name = "ROLE=NAME"
    )]
    pub jwt_roles: Vec<RoleName>,
    /// The JWT claim with the slug of the critic whose reviews a token with the role critic may write, or the path to it.
    #[arg(
        long,
        env = "MARQUEE_JWT_CRITIC_CLAIM",
        default_value = "marquee_critic",
        value_name = "CLAIM"
    )]
    pub jwt_critic_claim: String,
    /// The tolerated difference between the clocks of the JWT issuer and the server, in seconds (0 to 300).
    #[arg(
        long, env = "MARQUEE_JWT_LEEWAY", default_value_t = 30, value_name = "SECONDS",
        value_parser = clap::value_parser!(u16).range(0..=i64::from(MAX_LEEWAY))
    )]
    pub jwt_leeway: u16,
}

/// An error in the settings of authentication.
#[derive(Debug, thiserror::Error)]
pub enum AccessConfigError {
    /// Only some of the three JWT settings are given.
    #[error(
        "--jwt-issuer, --jwt-audience and --jwt-jwks belong together: give all three, or none to accept no JWTs"
    )]
    Incomplete,
    /// The location of the keys is invalid.
    #[error("--jwt-jwks: {0}")]
    Source(#[from] InvalidKeySource),
    /// The keys can't be read or are invalid.
    #[error("--jwt-jwks: {0}")]
    Keys(#[from] FetchError),
}

/// Returns the value of a setting. An empty environment variable counts as unset.
fn non_blank(value: Option<&String>) -> Option<String> {
    value.cloned().filter(|value| !value.trim().is_empty())
}

impl AccessArgs {
    /// Returns whether only some of the settings are given that JWTs need.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let settings = [&self.jwt_issuer, &self.jwt_audience, &self.jwt_jwks];
        let given = settings
            .into_iter()
            .filter_map(|setting| non_blank(setting.as_ref()));
        !matches!(given.count(), 0 | 3)
    }

    /// Creates the authenticator. Reads the keys of the identity provider from a file, or starts to fetch them from a
    /// URL.
    ///
    /// # Errors
    ///
    /// When the JWT settings are incomplete or invalid, or the file can't be read.
    pub fn authenticator(&self) -> Result<Authenticator, AccessConfigError> {
        let rights = AnonymousRights {
            reads: self.anonymous_reads,
            introspection: self.anonymous_introspection,
        };
        let verifier = match (
            non_blank(self.jwt_issuer.as_ref()),
            non_blank(self.jwt_audience.as_ref()),
            non_blank(self.jwt_jwks.as_ref()),
        ) {
            (None, None, None) => None,
            (Some(issuer), Some(audience), Some(source)) => {
                let policy = JwtPolicy {
                    issuer,
                    audience,
                    role_claim: self.jwt_role_claim.clone(),
                    role_names: self.jwt_roles.clone(),
                    critic_claim: self.jwt_critic_claim.clone(),
                    leeway: self.jwt_leeway,
                };
                Some(JwksVerifier::start(source.parse()?, policy)?)
            }
            _ => return Err(AccessConfigError::Incomplete),
        };
        Ok(Authenticator::new(rights, verifier))
    }
}

/// A command on API tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token. It is printed once; its secret is not stored.
    Create(CreateTokenArgs),
    /// List all tokens, without their secrets.
    List,
    /// Revoke a token immediately and permanently.
    Revoke {
        /// The public ID of the token: the 12 digits that `token list` shows and that follow `marquee_` in the token.
        id: PublicIdArg,
    },
}

/// The arguments of `token create`.
#[derive(Debug, Args)]
pub struct CreateTokenArgs {
    /// The role of the token.
    #[arg(long, value_name = "critic|editor|admin")]
    pub role: RoleArg,
    /// The slug of the critic whose reviews the token may write. Required for the role critic and invalid for other
    /// roles.
    #[arg(long, value_name = "SLUG", required_if_eq("role", "critic"))]
    pub critic: Option<String>,
    /// The name of the token. The default is the slug of the critic, or the role.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The lifetime of the token, such as 30m, 12h, 90d, 4w or 1y. By default the token does not expire.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<Lifetime>,
}

/// A role as a command line argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// May add, change and delete the reviews of one critic.
    Critic,
    /// May change everything in the catalogue.
    Editor,
    /// May also list, create and revoke tokens.
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Critic => Self::Critic,
            RoleArg::Editor => Self::Editor,
            RoleArg::Admin => Self::Admin,
        }
    }
}

/// The public ID of a token as a command line argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicIdArg(pub PublicId);

/// An argument is not a public ID. The message does not repeat the argument: it may be a whole token, and error
/// messages may be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ID of a token is the 12 digits that `marquee token list` shows")]
pub struct InvalidPublicId;

impl std::str::FromStr for PublicIdArg {
    type Err = InvalidPublicId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        PublicId::parse(text).map(Self).ok_or(InvalidPublicId)
    }
}
