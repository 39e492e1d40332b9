//! The demo: the province's real units, made-up places, people and two weeks of scans, sealed for real.

mod accounts;
mod coverage;
mod fill;
mod guidance;
mod inspections;
mod reports;

use std::fs;

use anyhow::{Context as _, Result};
use domain::{admin_unit::UnitTree, time::day_number};
use jiff::ToSpan as _;
use rand::Rng as _;
use store::Store;
use synth::{Commune, PlaceType, World};

use crate::{
    app::App, audit, bootstrap, clock::Clock, config::Config, demo::fill::Filled,
    web::demo_sign_in::DEMO_PASSWORD,
};

/// File that marks a folder as a demo's, which the next demo may remove.
pub const MARK: &str = "this-is-a-demo";
/// GSO codes of the districts that are filled: Buôn Ma Thuột and Buôn Hồ.
const DISTRICTS: [&str; 2] = ["643", "644"];
/// Local days of made-up scans, today included.
const DAYS: u16 = 14;

/// A demo ready to be served.
pub struct Made {
    /// The app.
    pub app: App,
    /// What to tell whoever started it.
    pub words: String,
}

/// Makes the demo in the data folder, which must not exist or be a former demo's.
///
/// # Errors
/// When a part cannot be written.
pub async fn make(config: Config, clock: Clock, seed: u64) -> Result<Made> {
    let store = bootstrap::open_store(&config).await?;
    let mark = config.data_dir.join(MARK);
    fs::write(&mark, "Made by `vaora demo`; the next demo removes this folder.\n")
        .with_context(|| format!("cannot write {}", mark.display()))?;
    let keyfile = bootstrap::open_keyfile(&config, &store).await?;
    let today = clock.today();
    bootstrap::load_reference(&store, &today.to_string()).await?;
    let scanlog = bootstrap::open_scanlog(&config).await?;
    let tree = UnitTree::on(store.admin_units().await?, &today.to_string());
    let (communes, world) = world(&store, &tree, &clock, seed).await?;
    let password = password();
    store.set_setting(DEMO_PASSWORD, &password).await?;
    let home = communes[world.places[usize::try_from(world.story.market)?].commune];
    let logins = accounts::make(&store, &keyfile, &tree, home, &password, clock.now()).await?;
    accounts::hold_ceremony(&store, &logins, &password, day_number(today) - i64::from(DAYS), clock.now())
        .await?;
    let filled = fill::fill(&store, &scanlog, &keyfile, &communes, &world, clock.now()).await?;
    let ground = guidance::Ground { store: &store, tree: &tree, logins: &logins, home, now: clock.now() };
    guidance::fill(&ground).await?;
    let scope = format!(
        "demo with {} places, {} people, {} scans",
        world.places.len(),
        world.people.len(),
        filled.scans
    );
    let act = audit::Act { actor: "server", action: "demo.made", scope, count: 1, ..audit::Act::default() };
    audit::record_in(&store, &keyfile, clock.now(), act, &[]).await?;
    remember_story(&store, &world, &filled).await?;
    let words = words(&config, &world, &filled, &password, &logins);
    let app = bootstrap::build(config, clock, store, scanlog, keyfile).await?;
    reports::repeat_scans(&app).await?;
    coverage::fill(&app, &logins).await?;
    inspections::fill(&app, &logins, DISTRICTS[0]).await?;
    reports::fill(&app, &logins, &communes, home).await?;
    Ok(Made { app, words })
}

async fn world(store: &Store, tree: &UnitTree, clock: &Clock, seed: u64) -> Result<(Vec<i64>, World)> {
    let populations = store.preferred_populations().await?;
    let (mut ids, mut communes) = (Vec::new(), Vec::new());
    for code in DISTRICTS {
        let district = tree.by_code(code).with_context(|| format!("district {code} is not in the tree"))?;
        for commune in tree.communes_within(district.id) {
            let figure = populations.iter().find(|figure| figure.unit_id == commune.id);
            ids.push(commune.id);
            communes.push(Commune {
                code: commune.code.clone(),
                name: commune.full_name.clone(),
                population: u32::try_from(figure.map_or(0, |figure| figure.population))?,
            });
        }
    }
    let types: Vec<PlaceType> = store
        .place_types()
        .await?
        .into_iter()
        .map(|kind| PlaceType {
            code: kind.code,
            vi: kind.name_vi,
            default_stay_minutes: u32::try_from(kind.default_stay_minutes).unwrap_or(60),
        })
        .collect();
    let config = synth::Config {
        seed,
        first_on: clock.today().saturating_sub(i64::from(DAYS - 1).days()),
        days: DAYS,
        until_at: Some(clock.now()),
        ..synth::Config::default()
    };
    Ok((ids, synth::generate(&communes, &types, &config)))
}

/// A fresh password for all of the demo's logins, easy to type.
fn password() -> String {
    let mut rng = rand::rng();
    format!("caphe-{:04}-{:04}", rng.next_u32() % 10_000, rng.next_u32() % 10_000)
}

async fn remember_story(store: &Store, world: &World, filled: &Filled) -> Result<()> {
    let case = &world.people[usize::try_from(world.story.case)?];
    store.set_setting("demo_case_phone", case.phone.as_deref().unwrap_or_default()).await?;
    store.set_setting("demo_case_onset", &world.story.onset_on.to_string()).await?;
    Ok(store.set_setting("demo_poster", &format!("/D/{}", filled.market_code)).await?)
}

fn words(
    config: &Config,
    world: &World,
    filled: &Filled,
    password: &str,
    logins: &[accounts::Login],
) -> String {
    let url = &config.public_url;
    let case = &world.people[usize::try_from(world.story.case).unwrap_or(0)];
    let mut text = format!(
        "\nVào Ra – bản trình diễn / demo: {url}\n\
         {} places, {} people, {} scans of {DAYS} days (all made up).\n\n\
         A visitor's poster:   {url}/D/{}\n\
         Register a place:     {url}/owner\n\
         A gate's device:      {url}/gate/enrol (code from a place's page)\n\
         Sign in:              {url}/login (click a role; the form fills itself)\n\n\
         Password of every login, and passphrase of the key officers: {password}\n\
         The one-time code stands on the sign-in page.\n",
        world.places.len(),
        world.people.len(),
        filled.scans,
        filled.market_code,
    );
    for login in logins {
        text.push_str(&format!("  {:<12} {}\n", login.login, login.role.label()));
    }
    text.push_str(&format!(
        "\nTo trace: sign in as truyvet, open a case for phone {}, onset {}; approve as duyet; release as khoa1 and khoa2.\n\
         Stop with Ctrl-C. The next demo starts afresh.\n",
        case.phone.as_deref().unwrap_or_default(),
        world.story.onset_on,
    ));
    text
}
