use super::{Grant, grants, request_token, request_url};

fn of(workflow: &str) -> Vec<(String, Option<String>)> {
    let read = |file: &str| match file {
        "w.yml" => Some(workflow.to_owned()),
        ".github/workflows/called.yml" => Some("jobs:\n  inner:\n    environment: x\n".to_owned()),
        ".github/workflows/modest.yml" => Some("permissions: {}\njobs:\n  modest: {}\n".to_owned()),
        ".github/workflows/greedy.yml" => Some("permissions: write-all\njobs:\n  greedy: {}\n".to_owned()),
        _ => None,
    };
    grants("w.yml", &read).unwrap().into_iter().map(|grant| (grant.job, grant.environment)).collect()
}

fn jobs(workflow: &str) -> Vec<String> {
    of(workflow).into_iter().map(|(job, _)| job).collect()
}

#[test]
fn without_a_permission_nobody_has_a_token() {
    assert!(jobs("jobs:\n  a: {}\n").is_empty());
    assert!(jobs("permissions: read-all\njobs:\n  a: {}\n").is_empty());
    assert!(jobs("permissions:\n  id-token: none\njobs:\n  a: {}\n").is_empty());
}

#[test]
fn a_jobs_permissions_replace_those_of_the_workflow() {
    let all = "permissions:\n  id-token: write\njobs:\n  a: {}\n  b:\n    permissions: {}\n  c:\n    permissions:\n      contents: read\n";
    assert_eq!(jobs(all), ["a"]);
    assert_eq!(jobs("permissions: {}\njobs:\n  a: {}\n  b:\n    permissions: write-all\n"), ["b"]);
}

#[test]
fn a_called_workflow_has_what_its_caller_passes_on() {
    let call = |name: &str, permissions: &str| {
        jobs(&format!("{permissions}jobs:\n  call:\n    uses: ./.github/workflows/{name}.yml\n"))
    };
    let write = "permissions:\n  id-token: write\n";
    assert_eq!(call("called", write), ["inner"]);
    assert!(call("called", "").is_empty());
    assert!(call("modest", write).is_empty());
    assert!(call("greedy", "").is_empty(), "a permission cannot be gained");
    assert_eq!(call("greedy", write), ["greedy"]);
}

#[test]
fn an_environment_has_two_forms() {
    let found = of(
        "permissions: write-all\njobs:\n  a:\n    environment: prod\n  b:\n    environment:\n      name: ${{ x }}\n      url: y\n",
    );
    let environments: Vec<Option<String>> = found.into_iter().map(|(_, environment)| environment).collect();
    assert_eq!(environments, [Some("prod".to_owned()), Some("${{ x }}".to_owned())]);
}

#[test]
fn the_variables_have_a_value_for_these_jobs_alone() {
    let grant = |job: &str, environment: Option<&str>| Grant {
        job: job.to_owned(),
        environment: environment.map(str::to_owned),
    };
    let url = request_url(
        "http://h/t?v=2",
        &[grant("a", None), grant("b", Some("pre {x}-${{ matrix.e }}${{ github.ref_name }}"))],
    );
    assert_eq!(
        url,
        "${{ github.job == 'a' && format('http://h/t?v=2&job=a') || github.job == 'b' && \
         format('http://h/t?v=2&job=b&environment=pre%20%7Bx%7D-{0}{1}', matrix.e, github.ref_name) || '' }}"
    );
    assert_eq!(request_url("http://h", &[]), "");
    assert_eq!(request_token("t", &[grant("a", None)]), "${{ github.job == 'a' && 't' || '' }}");
}
