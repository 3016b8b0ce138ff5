//! The command lines of who may: what a server lets in, and the tokens.

use clap::{ArgAction, Args, Subcommand, ValueEnum, builder::BoolishValueParser};

use crate::access::{
    Role,
    anonymous::AnonymousRights,
    gatekeeper::Gatekeeper,
    jwt::{
        LARGEST_LEEWAY, Policy,
        keeper::Keeper,
        source::{Failure, NotASource},
    },
    lifetime::Lifetime,
    token::PublicId,
};

/// Under what the help tells of it.
const WHO_MAY: &str = "Who may";

/// Who is let in.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = WHO_MAY)]
pub struct AccessArgs {
    /// Whether to answer who shows no token.
    #[arg(
        long, env = "MARQUEE_ANONYMOUS_READS", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub anonymous_reads: bool,
    /// Whether to show the schema to who shows no token.
    #[arg(
        long, env = "MARQUEE_ANONYMOUS_INTROSPECTION", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub anonymous_introspection: bool,
    /// The identity provider whose JWTs are accepted: their `iss`.
    #[arg(long, env = "MARQUEE_JWT_ISSUER", value_name = "ISSUER")]
    pub jwt_issuer: Option<String>,
    /// For whom JWTs have to be issued: their `aud`.
    #[arg(long, env = "MARQUEE_JWT_AUDIENCE", value_name = "AUDIENCE")]
    pub jwt_audience: Option<String>,
    /// The identity provider's public keys: a JWKS file, or an https address of one.
    #[arg(long, env = "MARQUEE_JWT_JWKS", value_name = "FILE|URL")]
    pub jwt_jwks: Option<String>,
    /// The claim that holds the role, or a list of roles: critic, editor, admin.
    #[arg(
        long,
        env = "MARQUEE_JWT_ROLE_CLAIM",
        default_value = "marquee_role",
        value_name = "CLAIM"
    )]
    pub jwt_role_claim: String,
    /// The claim that holds the slug of the critic whose reviews a token of the role critic is for.
    #[arg(
        long,
        env = "MARQUEE_JWT_CRITIC_CLAIM",
        default_value = "marquee_critic",
        value_name = "CLAIM"
    )]
    pub jwt_critic_claim: String,
    /// By how many seconds the identity provider's clock may be wrong.
    #[arg(
        long, env = "MARQUEE_JWT_LEEWAY", default_value_t = 30, value_name = "SECONDS",
        value_parser = clap::value_parser!(u16).range(0..=i64::from(LARGEST_LEEWAY))
    )]
    pub jwt_leeway: u16,
}

/// Why nobody can be let in by what is set.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Only some of what belongs together is given.
    #[error(
        "--jwt-issuer, --jwt-audience and --jwt-jwks belong together: give all three, or none to accept no JWTs"
    )]
    Incomplete,
    /// Where the keys are can't be read.
    #[error("--jwt-jwks: {0}")]
    Source(#[from] NotASource),
    /// The keys can't be read.
    #[error("--jwt-jwks: {0}")]
    Keys(#[from] Failure),
}

impl AccessArgs {
    /// Who tells by this who asks. Reads the keys of the identity provider if they are in a file, and begins to fetch them if not.
    ///
    /// # Errors
    ///
    /// When what is set contradicts itself, or the file can't be read.
    pub fn gatekeeper(&self) -> Result<Gatekeeper, Unusable> {
        let rights = AnonymousRights {
            reads: self.anonymous_reads,
            introspection: self.anonymous_introspection,
        };
        // A variable of the environment that is set to nothing isn't set.
        let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let keeper = match (
            given(&self.jwt_issuer),
            given(&self.jwt_audience),
            given(&self.jwt_jwks),
        ) {
            (None, None, None) => None,
            (Some(issuer), Some(audience), Some(source)) => {
                let policy = Policy {
                    issuer,
                    audience,
                    role_claim: self.jwt_role_claim.clone(),
                    critic_claim: self.jwt_critic_claim.clone(),
                    leeway: self.jwt_leeway,
                };
                Some(Keeper::start(source.parse()?, policy)?)
            }
            _ => return Err(Unusable::Incomplete),
        };
        Ok(Gatekeeper::new(rights, keeper))
    }
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is printed this once, and kept nowhere.
    Create(CreateTokenArgs),
    /// List every token, without its secret.
    List,
    /// End a token, at once and for good.
    Revoke {
        /// Which one: the 12 digits that `token list` shows, which stand in the token after `marquee_`.
        id: ShownId,
    },
}

/// What a new token is to be.
#[derive(Debug, Args)]
pub struct CreateTokenArgs {
    /// What it is good for.
    #[arg(long)]
    pub role: RoleArg,
    /// The critic whose reviews it writes, by slug; for the role critic, and only for that.
    #[arg(long, value_name = "SLUG", required_if_eq("role", "critic"))]
    pub critic: Option<String>,
    /// What it is called; the critic's slug or the role unless said.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// How long it is good: 30m, 12h, 90d, 4w, 1y. For ever unless said.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<Lifetime>,
}

/// A role as a command takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Adds and changes their own reviews.
    Critic,
    /// Adds and changes everything in the catalogue.
    Editor,
    /// Makes and revokes tokens, too.
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

/// A token's public id as a command takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownId(pub PublicId);

/// Says nothing of the text: somebody may have given a whole token, and errors are kept in more places than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is named by the 12 digits that `marquee token list` shows")]
pub struct NotAnId;

impl std::str::FromStr for ShownId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        PublicId::parse(text).map(Self).ok_or(NotAnId)
    }
}
