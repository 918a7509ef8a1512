//! What environments, tenants and their overrides make of an application.

use compiler::app::{App, Autoscale, Cell, Metric, Resource, ResourceTarget, Scale};
use compiler::diag::{Diagnostics, Format, render};
use compiler::parse;
use compiler::resolve::{Files, resolve};
use compiler::source::Sources;

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "prod" cluster="c"
}
"#;

/// The application and what is wrong with it, as a person reads it.
fn resolved(path: &str, text: &str) -> (App, String) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let app = sources.add(path, text);
    let platform = sources.add("platform.kdl", PLATFORM);
    let mut document = parse::parse(&app, &mut diagnostics);
    document.append(parse::parse(&platform, &mut diagnostics));
    let app = resolve(&document, &Files::new(), &mut diagnostics);
    (app, render(&diagnostics, &sources, Format::Human { colour: false }))
}

/// The cells of an application of `web` and `report`, in which an environment says `prod`.
fn cells(prod: &str) -> Vec<Cell> {
    let text = format!(
        r#"app "shop" {{
            component "web" {{
                image "web:1"; resources cpu="1" memory="1Gi"; port "http" 80; env "A" "1"; env "B" "2"
                scale min=2 max=4 {{ cpu "70%"; }}
                depends-on "report" "store"
            }}
            component "report" {{ image "report:1"; resources cpu="1" memory="1Gi"; }}
            component "store" {{ image "store:1"; resources cpu="1" memory="1Gi"; }}
            environment "prod" {{ {prod} }}
        }}"#
    );
    let (app, wrong) = resolved("app.kdl", &text);
    assert_eq!(wrong, "");
    app.cells
}

fn names(cell: &Cell) -> Vec<&str> {
    cell.components.iter().map(|component| component.name.value.as_str()).collect()
}

#[test]
fn an_environment_with_tenants_deploys_only_its_tenants() {
    let cells = cells(r#"tenant "a"; tenant "b""#);
    let namespaces: Vec<&str> = cells.iter().map(|cell| cell.namespace.as_str()).collect();
    assert_eq!(namespaces, ["shop-prod-a", "shop-prod-b"]);
}

#[test]
fn a_default_tenant_is_deployed_beside_the_tenants_with_overrides_of_its_own() {
    let cells = cells(
        r#"tenant "a"; default-tenant { component "web" { image "web:2"; }
            component "mail" kind="stateless" { image "mail:1"; resources cpu="1" memory="1Gi"; }; }"#,
    );
    let seen: Vec<(&str, &str)> = cells
        .iter()
        .map(|cell| (cell.namespace.as_str(), cell.components[0].main.image.value.as_str()))
        .collect();
    assert_eq!(seen, [("shop-prod", "web:2"), ("shop-prod-a", "web:1")]);
    assert_eq!(names(&cells[0]), ["web", "report", "store", "mail"]);
}

#[test]
fn a_tenant_may_add_and_remove_components() {
    let cells = cells(
        r#"tenant "a" {
            remove "component" "report"
            component "web" { remove "depends-on" "report"; }
            component "mail" kind="stateless" { image "mail:1"; resources cpu="1" memory="1Gi"; depends-on "web"; }
        }
        tenant "b""#,
    );
    assert_eq!(names(&cells[0]), ["web", "store", "mail"]);
    assert_eq!(names(&cells[1]), ["web", "report", "store"]);
    let needed: Vec<&str> =
        cells[0].components[0].depends_on.iter().map(|name| name.value.as_str()).collect();
    assert_eq!(needed, ["store"]);
}

fn cpu_percent(auto: &Autoscale) -> Option<u32> {
    match auto.metrics.as_slice() {
        [Metric::Resource { resource: Resource::Cpu, target: ResourceTarget::Utilization(percent) }] => {
            Some(*percent)
        }
        _ => None,
    }
}

#[test]
fn a_remove_takes_away_by_kind_and_name_at_any_depth() {
    let cells = cells(r#"component "web" { remove "env" "A"; scale max=8 { remove "cpu"; }; }"#);
    let web = &cells[0].components[0];
    assert_eq!(web.main.env.iter().map(|env| env.name.value.as_str()).collect::<Vec<_>>(), ["B"]);
    let Scale::Auto(auto) = &web.scale else { panic!("it scales") };
    assert_eq!((auto.min.value, auto.max.value, cpu_percent(auto)), (2, 8, Some(60)));
}

#[test]
fn a_remove_without_a_name_takes_every_one_of_the_kind() {
    let cells = cells(r#"component "web" { remove "env"; }"#);
    assert!(cells[0].components[0].main.env.is_empty());
}

#[test]
fn yaml_removes_as_kdl_does() {
    let text = r#"
app:
  name: shop
  component:
  - name: web
    image: web:1
    resources: {cpu: "1", memory: 1Gi}
    env: {name: A, value: "1"}
    scale: {max: 4, cpu: 70%}
  environment:
  - name: prod
    default-tenant: {}
    tenant:
    - name: a
      component:
        name: web
        remove: {kind: env, name: A}
        scale: {max: 8, remove: cpu}
"#;
    let (app, wrong) = resolved("app.yaml", text);
    assert_eq!(wrong, "");
    assert_eq!(app.cells.len(), 2);
    let web = &app.cells[1].components[0];
    let Scale::Auto(auto) = &web.scale else { panic!("it scales") };
    assert_eq!((web.main.env.len(), auto.max.value, cpu_percent(auto)), (0, 8, Some(60)));
    assert_eq!(app.cells[0].components[0].main.env.len(), 1);
}

#[test]
fn a_slip_in_a_component_s_name_adds_nothing() {
    let text = r#"app "shop" {
        component "web" { image "web:1"; resources cpu="1" memory="1Gi"; }
        environment "prod" { tenant "a" { component "wbe" { image "web:2"; }; }; }
    }"#;
    let (app, wrong) = resolved("app.kdl", text);
    assert!(
        wrong.contains("there is no component `wbe`") && wrong.contains("did you mean `web`?"),
        "{wrong}"
    );
    assert_eq!(names(&app.cells[0]), ["web"]);
}

#[test]
fn a_tenant_is_declared_once() {
    let text = r#"app "shop" {
        component "web" { image "web:1"; resources cpu="1" memory="1Gi"; }
        environment "prod" { tenant "a"; tenant "a"; }
    }"#;
    let (_, wrong) = resolved("app.kdl", text);
    assert!(wrong.contains("S0207"), "{wrong}");
}

#[test]
fn what_a_removed_component_was_needed_for_is_named_with_the_removal() {
    let text = r#"app "shop" {
        component "web" { image "web:1"; resources cpu="1" memory="1Gi"; depends-on "db"; }
        component "db" { image "db:1"; resources cpu="1" memory="1Gi"; }
        environment "prod" { tenant "a" { remove "component" "db"; }; }
    }"#;
    let (_, wrong) = resolved("app.kdl", text);
    assert!(wrong.contains("removed here") && wrong.contains("remove \"depends-on\" \"db\""), "{wrong}");
}
