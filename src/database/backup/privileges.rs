//! The privileges in an archive. Those of roles that the server doesn't have are left out.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;

use super::{
    Archive, BackupError,
    programs::{Programs, failure},
    target::Target,
};

/// The statements that grant and revoke privileges, each with its role.
#[derive(Debug, PartialEq, Eq)]
pub struct Privileges(Vec<(String, String)>);

impl Privileges {
    /// Reads the privileges of an archive.
    pub(super) async fn read(archive: &Archive, programs: &Programs) -> Result<Self, BackupError> {
        let mut pg_restore = programs
            .command("pg_restore", None)
            .args(["--use-list=/dev/stdin", "--file=-"])
            .arg(&archive.file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(programs.error("pg_restore"))?;
        if let Some(mut input) = pg_restore.stdin.take() {
            let list = archive.privileges.join("\n") + "\n";
            let written = input.write_all(list.as_bytes()).await;
            written.map_err(programs.error("pg_restore"))?;
        }
        let output = pg_restore.wait_with_output().await;
        let output = output.map_err(programs.error("pg_restore"))?;
        if !output.status.success() {
            return Err(failure("pg_restore", &output.stderr));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Parses a script in which each of these statements is a line.
    fn parse(script: &str) -> Self {
        let statements = script.lines().filter_map(|line| {
            let preposition = match line.split_once(' ')?.0 {
                "GRANT" => " TO ",
                "REVOKE" => " FROM ",
                _ => return None,
            };
            let (_, role) = line.strip_suffix(';')?.rsplit_once(preposition)?;
            let role = role.strip_suffix(" WITH GRANT OPTION").unwrap_or(role);
            let quoted = role
                .strip_prefix('"')
                .and_then(|role| role.strip_suffix('"'));
            let role = quoted.map_or_else(|| role.to_owned(), |role| role.replace("\"\"", "\""));
            Some((line.to_owned(), role))
        });
        Self(statements.collect())
    }

    /// Returns the statements whose roles a server has.
    pub(super) fn script(&self, target: &Target) -> String {
        self.select(|role| target.has_role(role))
    }

    fn select(&self, has_role: impl Fn(&str) -> bool) -> String {
        let statements = self.0.iter();
        statements
            .filter(|(_, role)| role == "PUBLIC" || has_role(role))
            .flat_map(|(statement, _)| [statement.as_str(), "\n"])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privileges_of_unknown_roles_are_left_out() {
        let script = "\
SET row_security = off;
--
-- Name: FUNCTION f(a text); Type: ACL; Schema: public; Owner: ann
--
REVOKE ALL ON FUNCTION public.f(a text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.f(a text) TO serving;
GRANT SELECT ON TABLE public.\"x TO y\" TO \"a \"\"b\"\"\" WITH GRANT OPTION;
GRANT SELECT(id),UPDATE(name) ON TABLE public.film TO nobody_here;
";
        let privileges = Privileges::parse(script);
        assert_eq!(
            privileges.select(|role| ["serving", "a \"b\""].contains(&role)),
            "REVOKE ALL ON FUNCTION public.f(a text) FROM PUBLIC;\n\
             GRANT ALL ON FUNCTION public.f(a text) TO serving;\n\
             GRANT SELECT ON TABLE public.\"x TO y\" TO \"a \"\"b\"\"\" WITH GRANT OPTION;\n"
        );
    }
}
