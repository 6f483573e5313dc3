//! Puts the files of `docs/examples` into the pages that show them: a page has the text of a file between two markers,
//! `<!-- example: docs/examples/<file> -->` and `<!-- /example -->`.

use std::path::{Path, PathBuf};

use crate::docs::changed;
use crate::program::{Program, root};

const BEGIN: &str = "<!-- example: ";
const END: &str = "<!-- /example -->";

/// The pages whose examples are out of date, with their right text.
pub(crate) fn stale() -> Result<Vec<(PathBuf, String)>, String> {
    let mut stale = Vec::new();
    for page in pages()? {
        let text = read(Path::new(&page))?;
        stale.extend(changed(PathBuf::from(&page), filled(&text, read).map_err(|error| format!("{page}: {error}"))?));
    }
    Ok(stale)
}

/// The Markdown pages that Git knows, or will know.
fn pages() -> Result<Vec<String>, String> {
    let output = Program::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.md"])
        .output()?;
    let is_there = |page: &&str| root().join(page).is_file();
    Ok(output.stdout.lines().filter(is_there).map(str::to_owned).collect())
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("{}: {error}", path.display()))
}

/// `page` with each example as `read` gives it.
fn filled(page: &str, read: impl Fn(&Path) -> Result<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (file, after) = after.split_once(" -->").ok_or("a marker of an example does not end")?;
        let (_, after) = after.split_once(END).ok_or_else(|| format!("the example `{file}` has no end marker"))?;
        let language = Path::new(file).extension().and_then(|extension| extension.to_str()).unwrap_or("text");
        let language = if language == "yml" { "yaml" } else { language };
        let example = read(Path::new(file))?;
        // Within a list the block stands as deep as its marker.
        let indent: String =
            before.rsplit('\n').next().unwrap_or_default().chars().take_while(|sign| *sign == ' ').collect();
        let block = format!("\n```{language}\n{}\n```\n", example.trim_end());
        let lines =
            block.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
        let block = lines.collect::<Vec<_>>().join("\n");
        text.push_str(&format!("{before}{BEGIN}{file} -->\n{block}\n{indent}{END}"));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(path: &Path) -> Result<String, String> {
        if path == Path::new("docs/a.yml") { Ok("name: a\n".to_owned()) } else { Err("not there".to_owned()) }
    }

    #[test]
    fn an_example_is_what_its_file_says() {
        let page = "# Page\n\n<!-- example: docs/a.yml -->\nold\n<!-- /example -->\n\nEnd\n";
        let text = filled(page, example).unwrap();
        assert_eq!(
            text,
            "# Page\n\n<!-- example: docs/a.yml -->\n\n```yaml\nname: a\n```\n\n<!-- /example -->\n\nEnd\n"
        );
        assert_eq!(filled(&text, example).unwrap(), text, "filling again changes nothing");
    }

    #[test]
    fn an_example_in_a_list_stays_in_it() {
        let page = "1. Write:\n\n   <!-- example: docs/a.yml -->\n   <!-- /example -->\n";
        let text = filled(page, example).unwrap();
        let block = "   <!-- example: docs/a.yml -->\n\n   ```yaml\n   name: a\n   ```\n\n   <!-- /example -->\n";
        assert_eq!(text, format!("1. Write:\n\n{block}"));
        assert_eq!(filled(&text, example).unwrap(), text);
    }

    #[test]
    fn a_marker_without_a_file_or_an_end_is_an_error() {
        assert!(filled("<!-- example: docs/b.yml -->\n<!-- /example -->", example).is_err());
        assert!(filled("<!-- example: docs/a.yml -->\n", example).is_err());
    }
}
