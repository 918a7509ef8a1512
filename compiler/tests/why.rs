//! Where fields come from: layers in order, defaults, files, hashes, and what keeps a fixed field.

use compiler::compile;
use compiler::diag::Diagnostics;
use compiler::document::Document;
use compiler::parse::parse;
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::why::{self, Answer, Place, Pointer, Question, Role};

const APP: &str = r#"
app "shop" {
    component "api" {
        image "registry.example.com/api:1"
        port "http" 8080
        port "admin" 9090
        resources cpu="500m" memory="512Mi"
        env "LEVEL" "info"
        env "TOKEN" (secret)"order-token/value"
        config "app.ini" mount="/etc/app" from="conf/app.ini"
        readiness http="/healthz" port="http"
        depends-on "db"
        scale min=4 max=400
        burst "when-short"
        expose "internet"
    }
    component "db" {
        image "registry.example.com/db:1"
        resources cpu="1" memory="1Gi"
    }
    environment "prod" {
        component "api" { scale min=20; env "LEVEL" "warn"; }
        tenant "merchant-a" { component "api" { scale min=40; }; }
        tenant "merchant-b"
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
    }
    environment "prod" cluster="c" eci="allow"
}
"#;

/// Asks for a field of merchant-a's cell; `None` if nothing is known of it.
fn ask(text: &str, object: &str, field: &str) -> (Option<Answer>, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut document = Document::default();
    document.append(parse(&sources.add("app.kdl", text), &mut diagnostics));
    let files = Files::from([("conf/app.ini".to_owned(), "a = 1\n".to_owned())]);
    let checked = compile(&document, &files, &mut diagnostics).expect("the application is right");
    let place = Place::Cell(0);
    let bundle = place.bundle(&checked).expect("there is a cell");
    let object = why::find(&bundle, object).expect("the cell has the object");
    let question = Question { document: &document, files: &files, checked: &checked, place, object };
    let answer = match Pointer::read(&object.value(), field) {
        Ok(pointer) => Some(why::why(&question, &pointer)),
        Err(_) => why::why_not(&question, field),
    };
    (answer, sources)
}

/// One line a cause: what it does, what it is about, the default, what each layer says, what was tried.
fn causes(object: &str, field: &str) -> String {
    let answer = ask(APP, object, field).0.expect("something is known of the field");
    let causes = answer.fields.iter().flat_map(|field| &field.causes);
    let causes = causes.chain(answer.missing.iter().flat_map(|missing| &missing.causes));
    let mut lines: Vec<String> = answer
        .fields
        .iter()
        .filter(|field| field.is_fixed())
        .map(|field| format!("{} is fixed", field.pointer))
        .collect();
    for cause in causes {
        let says = cause.says.iter().map(|says| {
            let overridden = if says.holds { "" } else { ", overridden" };
            format!(" | {} {}{overridden}", says.layer.name(), says.written)
        });
        let default = cause.default.as_ref().map(|value| format!(" (default {value})")).unwrap_or_default();
        let tried = cause.evidence.as_ref().map(|tried| {
            let becomes = tried.becomes.as_ref().map_or("nothing".to_owned(), ToString::to_string);
            format!(" | `{}` makes {becomes}", tried.with)
        });
        let (says, tried) = (says.collect::<String>(), tried.unwrap_or_default());
        lines.push(format!("{:?} {}{default}{says}{tried}", cause.role, cause.path));
    }
    lines.join("\n")
}

#[test]
fn layers_are_told_in_order_with_the_one_that_holds() {
    insta::assert_snapshot!(causes("HorizontalPodAutoscaler/api", "spec.minReplicas"), @"Sets component.api.scale.min (default 1) | component 4, overridden | environment 20, overridden | tenant 40 | `41` makes 41");
    insta::assert_snapshot!(causes("Deployment/api", "spec.template.spec.containers.api.env.LEVEL.value"), @r#"Sets component.api.env.LEVEL | component info, overridden | environment warn | `warnx` makes "warnx""#);
}

#[test]
fn what_is_not_written_is_a_default() {
    insta::assert_snapshot!(causes("HorizontalPodAutoscaler/api", "spec.metrics.0.resource.target.averageUtilization"), @r#"
    Default component.api.scale.cpu | component scale | `61%` makes 61
    Default component.api.scale.memory | component scale | `80%` makes 80
    "#);
    insta::assert_snapshot!(causes("Deployment/api", "spec.template.spec.terminationGracePeriodSeconds"), @r#"
    Default component.api.runtime | component component | `java` makes 60
    Default component.api.stop | component component | `5m` makes 315
    Default component.api.expose.drain | component expose | `5m` makes 330
    "#);
    insta::assert_snapshot!(causes("Deployment/db", "spec.replicas"), @"Default component.db.replicas | component component | `2` makes 2");
}

#[test]
fn operators_have_their_part() {
    insta::assert_snapshot!(causes("Service/api", "spec.externalTrafficPolicy"), @r#"
    spec.externalTrafficPolicy is fixed
    Keeps component.api.expose | component internet | `cluster` makes nothing
    Keeps platform.cluster.c.provider | platform ack | `kubernetes` makes nothing
    "#);
    insta::assert_snapshot!(causes("Namespace/shop", "metadata.name"), @r#"
    Sets app | app shop | `shopx` makes "shopx-prod-merchant-a"
    Sets environment.prod | environment prod | platform prod | `prodx` makes "shop-prodx-merchant-a"
    Sets tenant.merchant-a | tenant merchant-a | `merchant-ax` makes "shop-prod-merchant-ax"
    "#);
}

#[test]
fn a_reference_sets_and_a_declaration_declares() {
    insta::assert_snapshot!(causes("Deployment/api", "spec.template.spec.containers.api.readinessProbe.httpGet.port"), @r#"
    Sets component.api.readiness.port | component http | `admin` makes "admin"
    Keeps component.api.readiness.http | component http | `` makes nothing
    Declares component.api.port.http | component http | `httpx` makes "httpx"
    "#);
    insta::assert_snapshot!(causes("Deployment/api", "spec.template.spec.containers.api.ports.http.name"), @r#"Sets component.api.port.http | component http | `httpx` makes "httpx""#);
}

#[test]
fn both_halves_of_a_secret_are_found() {
    let env = "spec.template.spec.containers.api.env.TOKEN.valueFrom.secretKeyRef";
    insta::assert_snapshot!(causes("Deployment/api", env), @r#"
    Sets component.api.env.TOKEN | component order-token/value | `order-token/valuex` makes "valuex"
    Sets component.api.env.TOKEN | component order-token/value | `xorder-token/value` makes "xorder-token"
    "#);
}

#[test]
fn a_fixed_field_is_fixed_and_kept_by_something() {
    insta::assert_snapshot!(causes("Deployment/api", "spec.template.spec.tolerations.0.key"), @r#"
    spec.template.spec.tolerations.0.key is fixed
    Keeps component.api.burst | component when-short | `never` makes nothing
    "#);
    insta::assert_snapshot!(causes("Deployment/api", "kind"), @"kind is fixed");
}

#[test]
fn the_content_of_a_file_is_what_its_path_stands_for() {
    let answer = ask(APP, "ConfigMap/api-app-ini", "data").0.expect("the object has data");
    let causes: Vec<_> = answer.fields[0].causes.iter().filter(|cause| cause.role == Role::Sets).collect();
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert_eq!((causes[0].path.as_str(), causes[0].file), ("component.api.config.app.ini.from", true));
}

#[test]
fn a_hash_is_explained_and_does_not_hide_the_name() {
    let answer = ask(APP, "Deployment/api", "metadata.name").0.expect("every object has a name");
    let field = &answer.fields[0];
    let hash = &field.hashes[0];
    assert_eq!((hash.object.as_str(), hash.part.as_str()), ("Deployment/api", "spec.template"));
    assert_eq!(field.value, format!("api-{}", hash.text));
    assert_eq!(
        causes("Deployment/api", "metadata.name"),
        "Sets component.api | component api | `apix` makes \"apix-<hash>\""
    );
    let answer = ask(APP, "Deployment/api", "spec.template.spec.volumes.0.configMap.name").0;
    let hash = answer.expect("the file is mounted").fields[0].hashes[0].clone();
    assert_eq!((hash.object.as_str(), hash.part.as_str()), ("ConfigMap/api-app-ini", "data"));
}

#[test]
fn a_field_that_is_not_there_says_what_would_bring_it() {
    insta::assert_snapshot!(causes("Deployment/api", "spec.replicas"), @"Withholds component.api.scale | component scale | environment scale | tenant scale | `` makes 1");
    insta::assert_snapshot!(causes("Deployment/db", "spec.template.spec.tolerations.0.key"), @r#"Withholds component.db.burst | component component | `when-short` makes "virtual-kubelet.io/provider""#);
    assert!(ask(APP, "Deployment/api", "spec.replica").0.is_none(), "no Deployment has that");
}

#[test]
fn an_object_says_what_it_is_there_for() {
    let answer = ask(APP, "ResourcePolicy/api", "").0.expect("a whole object is asked for");
    let paths: Vec<&str> = answer.exists.iter().map(|cause| cause.path.as_str()).collect();
    assert_eq!(paths, ["component.api.burst", "platform.cluster.c.provider"]);
}

#[test]
fn a_name_may_be_that_of_another_component() {
    // What `db` is called reaches the object of `api` through nothing but the text of a variable.
    let text =
        APP.replace("env \"LEVEL\" \"info\"", "env \"LEVEL\" \"db\"").replace("env \"LEVEL\" \"warn\";", "");
    let answer = ask(&text, "Deployment/api", "spec.template.spec.containers.api.env.LEVEL.value").0;
    let causes = answer.expect("the variable is there").fields[0].causes.clone();
    let paths: Vec<&str> = causes.iter().map(|cause| cause.path.as_str()).collect();
    assert_eq!(paths, ["component.api.env.LEVEL"]);
}

#[test]
fn people_see_the_lines_and_programs_the_places() {
    let (answer, sources) = ask(APP, "HorizontalPodAutoscaler/api", "spec.minReplicas");
    let answer = answer.expect("the autoscaler has a minimum");
    insta::assert_snapshot!(why::text(&answer, &sources, false), @r#"
    HorizontalPodAutoscaler/api in prod/merchant-a@c
    spec.minReplicas: 40

    set by `component.api.scale.min`: The least number of pods; 1 unless told.
      default: 1, where nothing is written
      ☞ component `api` says `4`: overridden
        ╭─[app.kdl:13:19]
     12 │         depends-on "db"
     13 │         scale min=4 max=400
        ·                   ┬
        ·                   ╰── overridden
     14 │         burst "when-short"
        ╰────
      ☞ environment `prod` says `20`: overridden
        ╭─[app.kdl:22:37]
     21 │     environment "prod" {
     22 │         component "api" { scale min=20; env "LEVEL" "warn"; }
        ·                                     ─┬
        ·                                      ╰── overridden
     23 │         tenant "merchant-a" { component "api" { scale min=40; }; }
        ╰────
      ☞ tenant `merchant-a` says `40`
        ╭─[app.kdl:23:59]
     22 │         component "api" { scale min=20; env "LEVEL" "warn"; }
     23 │         tenant "merchant-a" { component "api" { scale min=40; }; }
        ·                                                           ─┬
        ·                                                            ╰── this holds
     24 │         tenant "merchant-b"
        ╰────
    "#);
    let json: serde_json::Value = serde_json::from_str(&why::json(&answer, &sources)).expect("it is JSON");
    let says = &json["fields"][0]["causes"][0]["says"];
    let layers: Vec<_> =
        says.as_array().expect("layers are a list").iter().map(|one| &one["layer"]).collect();
    assert_eq!(layers, ["component", "environment", "tenant"]);
    let (line, column) = (says[2]["line"].as_u64(), says[2]["column"].as_u64());
    let row = line.and_then(|line| APP.lines().nth(line as usize - 1)).expect("the line is there");
    assert!(row[column.expect("there is a column") as usize - 1..].starts_with("40;"), "{row}");
}

#[test]
fn nothing_that_was_written_steers_the_terminal() {
    let text = APP.replace("\"info\"", "\"\\u{1b}[31mred\"").replace("env \"LEVEL\" \"warn\";", "");
    for field in ["spec.template.spec.containers.api.env.LEVEL.value", ""] {
        let (answer, sources) = ask(&text, "Deployment/api", field);
        let shown = why::text(&answer.expect("it is there"), &sources, false);
        assert!(shown.contains("red") && !shown.contains('\u{1b}'), "{shown:?}");
    }
}

/// Nodes of Windows between two builds, and a component with images for both.
const UPGRADE: &str = r#"
app "shop" {
    component "erp" {
        os "windows"
        image "registry.example.com/erp:7" base="ltsc2022"
        image "registry.example.com/erp:7-ltsc2025" base="ltsc2025"
        resources cpu="2" memory="4Gi"
    }
    environment "prod" {
        component "erp" { image "registry.example.com/erp:8-ltsc2025" base="ltsc2025"; }
    }
}
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022" {
            upgrade "ltsc2025" nodes=2
        }
    }
    environment "prod" cluster="c"
}
"#;

#[test]
fn an_upgrade_of_a_pool_sets_the_build_and_the_image() {
    let selector = "spec.template.spec.nodeSelector.node.kubernetes.io/windows-build";
    for field in [selector, "spec.template.spec.containers.0.image"] {
        let answer = ask(UPGRADE, "Deployment/erp", field).0.expect("something is known of the field");
        let causes: Vec<_> = answer.fields.iter().flat_map(|field| &field.causes).collect();
        let paths: Vec<&str> = causes.iter().map(|cause| cause.path.as_str()).collect();
        let sets = |cause: &&&why::Cause| cause.path == "platform.cluster.c.pool.windows.upgrade";
        let upgrade = causes.iter().find(sets).unwrap_or_else(|| panic!("{field}: {paths:?}"));
        assert_eq!((upgrade.role, upgrade.says[0].written.as_str()), (Role::Sets, "ltsc2025"), "{field}");
    }
    let answer = ask(UPGRADE, "Deployment/erp", "spec.template.spec.containers.0.image").0.expect("known");
    let image = answer.fields[0].causes.iter().find(|cause| cause.path == "component.erp.image.ltsc2025");
    let says: Vec<(&str, bool)> = image
        .expect("the image itself")
        .says
        .iter()
        .map(|says| (says.written.as_str(), says.holds))
        .collect();
    let images = ["registry.example.com/erp:7-ltsc2025", "registry.example.com/erp:8-ltsc2025"];
    assert_eq!(says, [(images[0], false), (images[1], true)]);
}
