//! Answers to the questions of a sitting: found by the engine, then put into words with the identities of those
//! listed and of nobody else.

use std::collections::HashMap;

use domain::time::{Seconds2020, from_seconds_2020, to_seconds_2020};
use exposure::{
    CaseWindow, ChainQuestion, ContactList, Error, ExposureRule, Generation, GenerationRule, Index, Link,
    PlaceList, PresentList, SameSpace, Span, SpreadQuestion, Stop, Visit,
};
use serde::{Deserialize, Serialize};

use crate::{
    intake::identity::Identity,
    trace::{
        file::{Contact, Stay},
        opening::{contact_of, stay_of_visit},
        questions::Question,
        scans::Named,
    },
};

/// Most members of a generation from whom the next one is sought; how many more there were is said.
pub const FOLLOWED_MAX: usize = 5_000;
/// Most links of a chain that is looked for.
pub const LINKS_MAX: usize = 4;

/// What every question of a sitting rests on.
#[derive(Clone)]
pub struct Ground {
    /// The case's ids.
    pub persons: Vec<u64>,
    /// When the case was infectious, within the approved days.
    pub window: Span,
    /// Nobody is followed beyond: the end of the approved days, or the moment of opening.
    pub until: Seconds2020,
    /// What must be shared, by the profile's rule.
    pub same: SameSpace,
}

/// What the engine found.
pub enum Found {
    /// Contacts with their meetings.
    Contacts(ContactList),
    /// Generations, and for each member listed the visit during which the first meeting began.
    Generations(Vec<Generation>, Vec<Vec<Option<Visit>>>),
    /// Places.
    Places(PlaceList),
    /// Visits to a place.
    Present(PresentList),
    /// Links, each with the two visits that met.
    Chain(Option<Vec<(Link, [Option<Visit>; 2])>>),
    /// A person's visits, and the person.
    Timeline(Vec<Visit>, Vec<u64>),
}

/// Asks the index.
///
/// # Errors
/// Those of the engine: given up, too wide, no memory.
pub fn find(index: &Index, ground: &Ground, question: &Question, stop: Stop) -> Result<Found, Error> {
    let rule = |minutes: u32| ExposureRule { min_overlap_seconds: minutes * 60, same: ground.same };
    Ok(match question {
        Question::Contacts { person, minutes, listed, .. } => {
            let persons = person.map_or_else(|| ground.persons.clone(), |one| vec![one]);
            let mut list = index.contacts_unless(&persons, ground.window, &rule(*minutes), stop)?;
            list.contacts.retain(|contact| !ground.persons.contains(&contact.person));
            list.cut += list.contacts.len().saturating_sub(*listed);
            list.contacts.truncate(*listed);
            Found::Contacts(list)
        }
        Question::Generations { minutes, generations, latency_hours, listed } => {
            let rule = GenerationRule {
                min_overlap_seconds: minutes * 60,
                contacts_max: *listed,
                followed_max: FOLLOWED_MAX,
            };
            let asked = SpreadQuestion {
                case: &ground.persons,
                window: ground.window,
                until: ground.until,
                latency_seconds: latency_hours * 3_600,
                same: ground.same,
                isolated: &[],
                generations: &vec![rule; *generations],
            };
            let found = index.generations(&asked, stop)?;
            let first = |generation: &Generation| {
                let at =
                    generation.exposed.iter().map(|one| visit_at(index, one.person, one.first_from, None));
                at.collect()
            };
            let firsts = found.iter().map(first).collect();
            Found::Generations(found, firsts)
        }
        Question::Places { minutes, listed } => {
            let case = CaseWindow { persons: &ground.persons, window: ground.window };
            Found::Places(index.places_by_exposure(&[case], &rule(*minutes), *listed, stop)?)
        }
        Question::Present { number, from_at, until_at, listed, .. } => {
            let seconds = |at| to_seconds_2020(at).ok_or(Error::Window);
            let window = Span::new(seconds(*from_at)?, seconds(*until_at)?).ok_or(Error::Window)?;
            Found::Present(index.present(exposure::present::Space::Place(*number), window, *listed, stop)?)
        }
        Question::Chain { .. } => Found::Chain(chain(index, ground, question, stop)?),
        Question::Timeline { persons, .. } => {
            let mut visits: Vec<Visit> = persons.iter().flat_map(|one| index.timeline(*one)).collect();
            visits.sort_by_key(|visit| (visit.from, visit.until));
            Found::Timeline(visits, persons.clone())
        }
    })
}

type ChainFound = Option<Vec<(Link, [Option<Visit>; 2])>>;

fn chain(index: &Index, ground: &Ground, question: &Question, stop: Stop) -> Result<ChainFound, Error> {
    let Question::Chain { persons, window, reversed, minutes, latency_hours, .. } = question else {
        return Ok(None);
    };
    let this = CaseWindow { persons: &ground.persons, window: ground.window };
    let other = CaseWindow { persons, window: window.unwrap_or(ground.window) };
    let (from, to) = if *reversed { (other, this) } else { (this, other) };
    let asked = ChainQuestion {
        from,
        to: to.persons,
        until: ground.until,
        latency_seconds: latency_hours * 3_600,
        rule: ExposureRule { min_overlap_seconds: minutes * 60, same: ground.same },
        isolated: &[],
        links_max: LINKS_MAX,
    };
    let found = index.chain(&asked, stop)?;
    let both = |link: Link| {
        let at = link.overlap.from;
        let theirs = visit_at(index, link.from_person, at, Some(link.from_area_id));
        (link, [theirs, visit_at(index, link.person, at, Some(link.area_id))])
    };
    Ok(found.map(|links| links.into_iter().map(both).collect()))
}

/// The visit a person was on at a second; of several the one in the area.
fn visit_at(index: &Index, person: u64, at: Seconds2020, area_id: Option<u32>) -> Option<Visit> {
    let there = |visit: &Visit| visit.from <= at && at < visit.until;
    let fits = |visit: &Visit| area_id.is_none_or(|area_id| visit.area_id == area_id);
    index.timeline(person).into_iter().find(|visit| there(visit) && fits(visit))
}

impl Found {
    /// Whom the answer lists, each once; identities are opened for these and for nobody else.
    #[must_use]
    pub fn persons(&self) -> Vec<u64> {
        let mut persons: Vec<u64> = Vec::new();
        match self {
            Self::Contacts(list) => persons.extend(list.contacts.iter().map(|contact| contact.person)),
            Self::Generations(found, _) => {
                persons.extend(found.iter().flat_map(|one| one.exposed.iter().map(|one| one.person)));
            }
            Self::Places(_) => {}
            Self::Present(list) => persons.extend(list.visits.iter().map(|visit| visit.person)),
            Self::Chain(links) => {
                let both = |(link, _): &(Link, _)| [link.from_person, link.person];
                persons.extend(links.iter().flatten().flat_map(both));
            }
            Self::Timeline(_, whose) => persons.extend(whose),
        }
        let mut seen = std::collections::HashSet::new();
        persons.retain(|person| seen.insert(*person));
        persons
    }
}

/// An answer in words, as the case team reads it and as a case's file keeps it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// Ranked contacts.
    Contacts {
        /// The contacts.
        contacts: Vec<Contact>,
        /// How many more there were.
        cut: usize,
    },
    /// Generations from F1 on.
    Generations {
        /// One after another.
        generations: Vec<GenerationList>,
    },
    /// Ranked places.
    Places {
        /// The places.
        places: Vec<PlaceLine>,
        /// How many more there were.
        cut: usize,
    },
    /// Who was there.
    Present {
        /// Stays in order of time.
        stays: Vec<PersonStay>,
        /// How many more stays there were.
        cut: usize,
        /// Different people in all.
        people: usize,
    },
    /// A chain; `None` where there is none.
    Chain {
        /// Meetings in order.
        links: Option<Vec<LinkLine>>,
    },
    /// Where a person was.
    Timeline {
        /// Who.
        who: Box<Identity>,
        /// Stays by time.
        stays: Vec<Stay>,
    },
}

/// One generation.
#[derive(Serialize, Deserialize)]
pub struct GenerationList {
    /// Members listed.
    pub members: Vec<Member>,
    /// How many more there were.
    pub cut: usize,
    /// How many were not followed into the next one.
    pub not_followed: usize,
}

/// A member of a generation.
#[derive(Serialize, Deserialize)]
pub struct Member {
    /// Position among the answer's persons.
    pub at: usize,
    /// Who.
    pub identity: Identity,
    /// Minutes with the generation before, rounded down.
    pub minutes: i64,
    /// Shared an area and not only a place.
    pub same_area: bool,
    /// Visits that were shared.
    pub meetings: u32,
    /// First second together.
    pub first_at: i64,
    /// End of the last.
    pub last_at: i64,
    /// The stay in which the first meeting began.
    pub first_stay: Option<Stay>,
    /// Who of the generation before was there first, where that person is listed too.
    pub met_first: Option<String>,
}

/// A place.
#[derive(Serialize, Deserialize)]
pub struct PlaceLine {
    /// Its id.
    pub place_id: i64,
    /// Its name.
    pub place: String,
    /// Commune.
    pub commune: String,
    /// Minutes shared, added up over the people.
    pub person_minutes: i64,
    /// People who reach the minimum there.
    pub people: u32,
    /// First second shared.
    pub first_at: i64,
    /// End of the last.
    pub last_at: i64,
}

/// A person's stay at a place.
#[derive(Serialize, Deserialize)]
pub struct PersonStay {
    /// Position among the answer's persons.
    pub at: usize,
    /// Who.
    pub identity: Identity,
    /// True for the case itself.
    pub is_case: bool,
    /// The stay.
    pub stay: Stay,
}

/// A link of a chain.
#[derive(Serialize, Deserialize)]
pub struct LinkLine {
    /// Who was infectious.
    pub from: Identity,
    /// Who may have been infected.
    pub to: Identity,
    /// Position of the second among the answer's persons.
    pub at: usize,
    /// The second one's stay.
    pub stay: Option<Stay>,
    /// Beginning of the time together.
    pub from_at: i64,
    /// Its end.
    pub until_at: i64,
    /// Lowest assurance of the scans behind both stays.
    pub assurance: u8,
    /// An end of either stay is inferred.
    pub inferred: bool,
}

/// What words need.
pub struct Words<'a> {
    /// Areas by id.
    pub names: &'a HashMap<u32, Named>,
    /// Identities of the persons listed.
    pub known: &'a HashMap<u64, Identity>,
    /// Name of a commune.
    pub commune: &'a dyn Fn(i64) -> String,
    /// The case's ids.
    pub case: &'a [u64],
}

impl Words<'_> {
    fn identity(&self, person: u64) -> Identity {
        self.known.get(&person).cloned().unwrap_or_default()
    }

    fn stay(&self, visit: &Visit) -> Stay {
        stay_of_visit(visit, self.names, self.commune)
    }

    /// Puts what was found into words. `persons` are those of [`Found::persons`].
    #[must_use]
    pub fn answer(&self, found: &Found, persons: &[u64]) -> Answer {
        let at: HashMap<u64, usize> = persons.iter().copied().zip(0..).collect();
        let at = |person: u64| at.get(&person).copied().unwrap_or(0);
        match found {
            Found::Contacts(list) => Answer::Contacts {
                contacts: list
                    .contacts
                    .iter()
                    .map(|one| contact_of(list, one, self.identity(one.person), self.names, self.commune))
                    .collect(),
                cut: list.cut,
            },
            Found::Generations(found, firsts) => {
                let lists = found.iter().zip(firsts);
                Answer::Generations { generations: lists.map(|(g, f)| self.generation(g, f, &at)).collect() }
            }
            Found::Places(list) => Answer::Places { places: self.places(list), cut: list.cut },
            Found::Present(list) => Answer::Present {
                stays: list
                    .visits
                    .iter()
                    .map(|visit| PersonStay {
                        at: at(visit.person),
                        identity: self.identity(visit.person),
                        is_case: self.case.contains(&visit.person),
                        stay: self.stay(visit),
                    })
                    .collect(),
                cut: list.cut,
                people: list.people,
            },
            Found::Chain(links) => Answer::Chain {
                links: links
                    .as_ref()
                    .map(|links| links.iter().map(|(link, both)| self.link(link, both, &at)).collect()),
            },
            Found::Timeline(visits, persons) => Answer::Timeline {
                who: persons
                    .iter()
                    .map(|person| Box::new(self.identity(*person)))
                    .find(|who| !who.name.is_empty())
                    .unwrap_or_default(),
                stays: visits.iter().map(|visit| self.stay(visit)).collect(),
            },
        }
    }

    fn generation(
        &self,
        generation: &Generation,
        firsts: &[Option<Visit>],
        at: &dyn Fn(u64) -> usize,
    ) -> GenerationList {
        let member = |(one, first): (&exposure::Exposed, &Option<Visit>)| Member {
            at: at(one.person),
            identity: self.identity(one.person),
            minutes: i64::from(one.overlap_seconds / 60),
            same_area: one.same_area,
            meetings: one.visits,
            first_at: from_seconds_2020(one.first_from),
            last_at: from_seconds_2020(one.last_until),
            first_stay: first.as_ref().map(|visit| self.stay(visit)),
            met_first: self
                .known
                .get(&one.met_first)
                .map(|who| who.name.clone())
                .filter(|name| !name.is_empty()),
        };
        GenerationList {
            members: generation.exposed.iter().zip(firsts).map(member).collect(),
            cut: generation.cut,
            not_followed: generation.not_followed,
        }
    }

    fn places(&self, list: &PlaceList) -> Vec<PlaceLine> {
        let by_number: HashMap<u32, &Named> =
            self.names.values().map(|named| (named.number, named)).collect();
        let line = |place: &exposure::PlaceExposure| {
            let named = by_number.get(&place.place)?;
            Some(PlaceLine {
                place_id: named.place_id,
                place: named.place.clone(),
                commune: (self.commune)(named.unit_id),
                person_minutes: i64::try_from(place.person_seconds / 60).unwrap_or(i64::MAX),
                people: place.people,
                first_at: from_seconds_2020(place.first_from),
                last_at: from_seconds_2020(place.last_until),
            })
        };
        list.places.iter().filter_map(line).collect()
    }

    fn link(&self, link: &Link, both: &[Option<Visit>; 2], at: &dyn Fn(u64) -> usize) -> LinkLine {
        let visits = || both.iter().flatten();
        LinkLine {
            from: self.identity(link.from_person),
            to: self.identity(link.person),
            at: at(link.person),
            stay: both[1].as_ref().map(|visit| self.stay(visit)),
            from_at: from_seconds_2020(link.overlap.from),
            until_at: from_seconds_2020(link.overlap.until),
            assurance: visits()
                .flat_map(|visit| [visit.assurance_in, visit.assurance_out])
                .flatten()
                .min()
                .unwrap_or(0),
            inferred: visits().any(|visit| visit.start_inferred || visit.end_inferred),
        }
    }
}
