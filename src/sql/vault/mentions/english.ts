/**
 * The words that questions are made of. A word that is listed here, that the schema uses, or that the lexicon of
 * healthcare explains is no value; any other word may be one. Written for this program; it does not cover English, only
 * how people ask.
 */

function list(words: string): string[] {
  return words.trim().split(/\s+/);
}

/** Articles, pronouns, prepositions, conjunctions, auxiliaries. */
export const FUNCTION_WORDS = list(`
  a an the this that these those such same own each every either neither both all any some no none other another
  others else i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
  himself herself itself themselves myself yourself who whom whose which what whatever whichever whoever where
  wherever when whenever why how however one ones someone somebody anyone anybody everyone everybody nobody something
  anything everything nothing there here
  of in on at to from by for with without within into onto upon about above across after against along alongside
  amid among amongst around as before behind below beneath beside besides between beyond despite down during except
  excluding including inside like near off opposite out outside over past per regarding concerning since than through
  throughout till toward towards under underneath until unto up versus vs via wrt
  and or but nor so yet if unless whether while whereas although though because not only also too very just even ever
  never always still already again once twice then thus hence therefore instead rather quite almost nearly
  be am is are was were been being do does did done doing have has had having can could may might must shall should
  will would cannot
  isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't shouldn't
  it's that's what's who's where's there's how's let's what're who're where're how're i'm i'd i'll i've we're we'd we'll we've you're they're
  s t d m re ve ll e g etc eg ie et al na ok yes
`);

/** Words of the construction of a query: what is counted, ranked, grouped, compared. */
export const CONSTRUCT_WORDS = list(`
  many much few fewer fewest less lesser least more most several various numerous multiple enough plenty lots lot
  first second third fourth fifth last final latest earliest newest oldest youngest recent recently next previous prior
  former current currently present initial subsequent following preceding
  top bottom best worst highest lowest largest smallest biggest greatest longest shortest heaviest lightest tallest
  high higher low lower large larger small smaller big bigger great greater long longer short shorter old older young
  younger new newer early earlier late later heavy heavier tall taller good better bad worse expensive costly cheap
  cheapest cheaper frequent frequently infrequent common commonly commonest uncommon rare rarely rarest popular usual
  usually typical typically often seldom regular regularly busiest
  count counts number numbers total totals sum average averages mean median mode minimum maximum min max amount amounts
  quantity percentage percent percentages proportion share ratio rate rates fraction half quarter thirds distribution
  range ranges difference change increase decrease trend breakdown ranking rank ranked spread variance deviation standard
  statistic statistics stat stats figure figures summary overview
  exact exactly approximately approx roughly equal equals equally greater than different differently distinct unique
  uniquely individual individually separate separately respective respectively overall altogether combined together
  alone maximal minimal cumulative aggregate aggregated whole entire entirely complete completely full fully
  grouped sorted ordered ascending descending order sort group alphabetical alphabetically chronological
  chronologically stratified broken split
  zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
  nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen couple pair
  double true false null blank empty missing unknown available unavailable valid invalid
  vs nr pct avg qty
`);

/** Words of time, which also end a mention. */
export const TIME_WORDS = list(`
  time times timing timings date dates datetime day days daily week weeks weekly weekend weekends weekday weekdays
  fortnight month months monthly quarter quarters quarterly year years yearly annual annually decade decades century
  hour hours hourly minute minutes second seconds moment moments period periods duration durations length interval
  intervals timeframe timespan window season seasons spring summer autumn winter morning mornings afternoon evening
  night nights midnight noon today yesterday tomorrow tonight now nowadays ago while age ages aged old
  monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays
  sundays january february march april june july august september october november december jan feb mar apr jun jul
  aug sep sept oct nov dec calendar fiscal am pm o'clock utc gmt est edt cst cdt mst mdt pst pdt cet cest bst
  timestamp timestamps yr yrs mo mos wk wks hr hrs mins secs ytd mtd qtd beginning end ends mid middle
  birth births birthday birthdays lifetime past future onwards onward hence meantime meanwhile simultaneously
  chronology
`);

/** Verbs in their base form; `word-class.ts` adds -s, -ed and -ing. */
export const VERBS = list(`
  show list give tell find get display return fetch retrieve provide present print output report describe explain
  specify mention name state identify determine calculate compute count sum average estimate evaluate assess analyze
  analyse compare check verify confirm validate look search seek locate view see browse read write enter extract pull
  query ask answer request want need like wish help try please let make bring send select pick choose include exclude
  contain consist comprise involve concern relate associate link connect correspond belong match fit refer point
  define mean represent indicate denote signify reveal disclose detail outline summarize summarise enumerate itemize
  group order sort rank filter split divide separate combine merge join limit restrict break stratify categorize
  categorise classify tabulate plot chart graph specialize specialise surname
  go come arrive leave depart return enter exit move transfer transport bring carry take keep hold stay remain live
  reside dwell sleep wait last continue persist endure elapse pass
  start begin commence initiate open launch stop end finish complete conclude close terminate cease discontinue cancel
  expire resume pause interrupt renew repeat
  have be do use utilize utilise apply employ work serve act function perform conduct carry execute undertake undergo
  experience encounter receive accept get obtain acquire gain collect gather accumulate draw sample
  give administer provide supply deliver dispense issue offer fill refill prescribe order recommend suggest advise
  request schedule plan book arrange appoint assign allocate attribute
  admit readmit discharge release hospitalize hospitalise visit attend see consult refer treat care manage monitor
  observe watch follow examine inspect screen test measure record register log chart document note write enter code
  injure
  diagnose detect discover identify suspect present exhibit show display manifest develop suffer complain contract catch
  operate inject infuse transfuse transplant implant insert remove replace repair
  vaccinate immunize immunise inoculate intubate ventilate
  die decease expire survive live bear born deliver recover heal improve worsen deteriorate relapse
  pay bill charge cost invoice reimburse cover insure enroll enrol subscribe claim owe spend fund finance price
  happen occur arise appear emerge result cause lead trigger induce affect impact influence change alter vary differ
  increase decrease rise fall drop grow reduce decline exceed surpass reach equal total amount average
  save store hold enter update modify edit delete add create generate produce build
  know think believe consider assume expect suppose understand learn remember wonder guess
  say speak talk call title label term entitle dub
  set put place fall stand sit run turn become seem remain tend appear
  meet pair face hit miss lack fail succeed pass allow permit enable require demand oblige
  support back sign process handle deal submit file approve reject deny decline
  correlate range span cover exist account constitute compose form translate map convert stem originate derive
  subject employ hire own possess share divide participate engage interact
  attempt handle maintain establish ensure note notice regard respect
  drink eat smoke consume ingest swallow take exercise weigh
  experience undergo complete accompany precede succeed supersede prefer entail tally familiarize acquaint inform
  elaborate pertain encompass belong distribute duplicate lie mark log tick note deal cater opt elect select pertain
  flag expose extubate sedate isolate misdiagnose reassign reopen recheck retest escalate upgrade downgrade deem oversee
  redirect resuscitate hydrate cannulate
  pinpoint highlight portray depict illustrate rate grade scan track trace follow monitor supervise author sign date
  originate locate situate settle station deploy attach detach append insert embed nest overlap repeat recur
`);

/** Forms that the rules of `word-class.ts` do not give. */
export const IRREGULAR_VERBS = list(`
  gave given found got gotten shown told brought sent chosen chose meant read written wrote saw seen went gone came left
  took taken kept held slept began begun stood sat ran become became fell fallen put set let made did done had been
  was were drew drawn underwent undergone paid spent cost cut hit met led said spoke spoken thought knew known
  understood sought born borne died dying lying ate eaten drunk drank lay laid rose risen grew grown built bought sold
  caught felt heard lost won broken broke split spread read wore stuck
  wanna gonna im id ill ive
`);

/** Nouns and adjectives of questions; the plural is added. */
export const NOUNS = list(`
  question answer list table report result outcome record row column field entry item detail information info data
  database dataset value set subset list name title label description kind type sort category class group level grade
  status state condition situation case instance example sample event episode occurrence incident activity action
  thing way manner method form version part portion piece section segment component element member unit
  person people human individual child adult elderly senior minor infant baby teenager teen kid
  parent mother father family relative spouse wife husband partner guardian friend contact
  patient subject client user customer staff employee worker personnel team crew owner author operator manager
  doctor physician nurse clinician provider practitioner therapist surgeon specialist consultant attending resident
  pharmacist technician caregiver midwife dentist
  hospital clinic facility center centre institution organization organisation department division ward unit room bed
  office building site location place area region country city town village state province county district
  neighborhood street address zip postcode
  system process procedure operation surgery intervention treatment therapy care service program programme plan course
  regimen session round cycle
  drug medication medicine med prescription dose dosage tablet pill supply refill order
  test exam examination lab laboratory measurement reading observation finding screening check checkup panel specimen
  diagnosis disease illness disorder problem complaint symptom sign complication comorbidity history reason cause
  indication
  admission discharge visit stay encounter appointment consultation transfer hospitalization hospitalisation
  readmission arrival departure trip attendance enrollment enrolment registration
  insurance insurer payer coverage policy claim bill invoice charge cost price payment fee expense expenditure
  balance revenue income money dollar euro copay deductible premium budget
  code codes identifier id key number index reference link relation relationship association connection
  gender sex race ethnicity religion language marital marriage nationality occupation job profession education
  birthplace residence citizenship
  death mortality survival birth pregnancy
  score scale threshold limit cutoff bound baseline target goal criterion criteria rule requirement standard norm
  factor variable parameter attribute property feature characteristic dimension measure metric indicator
  source origin destination purpose use usage intake output consumption delivery administration
  change difference increase decrease trend pattern sequence series succession combination comparison contrast
  fact figure point view aspect term respect basis ground account
  document note file paper page form text comment remark message letter
  device equipment material product item tool machine
  study trial research cohort survey analysis review
  concept vocabulary terminology definition meaning synonym ancestor descendant parent sibling hierarchy domain
  timeline history background profile overview summary
  whole majority minority rest remainder chance probability odds
  existence presence absence availability frequency occurrence incidence prevalence
  participant recipient holder
  careunit gap duplicate prefix suffix origin quality diagnostic diagnostics instant onset turnover volume
  workload caseload occasion occupancy capacity utilization utilisation effect consequence need preference choice option
  alternative background birthdate deathdate weekday payer payor ethnic
`);

/** Nouns and their regular plurals. */
export const NOUN_FORMS: ReadonlySet<string> = new Set(
  NOUNS.flatMap((noun) => [noun, `${noun}s`, `${noun}es`]),
);

/** Other words of questions. */
export const OTHER_WORDS = list(`
  surgical assessment assessments ups certain specific specified particular given related relevant respective similar associated corresponding
  according following involved concerned considered included excluded available required necessary needed possible
  potential likely able unable responsible due apart regardless irrespective depending based
  please kindly thanks thank hello hi hey dear ok okay sure maybe perhaps actually really simply mainly primarily mostly
  basically essentially generally especially particularly specifically namely directly indirectly immediately
  consecutive consecutively simultaneous concurrent concurrently successive actual main principal key major minor
  additional extra further whole general normal abnormal regular special important significant serious critical
  active inactive ongoing past open closed finished unfinished complete incomplete pending upcoming scheduled
  planned unplanned repeated repeat existing known unknown unspecified
  medical clinical healthcare health hospital inhospital
  alive dead living deceased
  away back forth forward ahead apart far close nearby anywhere everywhere somewhere
  clear sure right wrong correct incorrect accurate precise
  primary secondary tertiary principal upward upwards downward downwards mutual joint shared common preferred microbiological
  possibly probably definitely certainly obviously finally eventually lately formerly originally previously newly
  random randomly normally rounded approximate precisely jointly inclusive exclusive inclusively csv excel spreadsheet json
  snapshot grand headcount turnaround quietest eldest costliest priciest fortnightly biweekly nightly concise
  comprehensive crowded occupied unoccupied vacant unassigned format formatted
  afterwards afterward beforehand thereafter thereby thereof whereby
  sql dbo query dataset uid udi oid url decimal decimals living keyword keywords classification religious
`);

/**
 * Nouns around a value that say what it is: `the … test`, `drug …`, `… level`. They stay outside the value, and end it.
 */
export const HEAD_NOUNS = list(`
  test tests exam exams examination examinations level levels value values count counts reading readings result results
  measurement measurements observation observations finding findings lab labs laboratory drug drugs medication
  medications medicine medicines prescription prescriptions dose doses dosage treatment treatments therapy therapies
  procedure procedures operation operations surgery surgeries diagnosis diagnoses condition conditions allergy allergies
  immunization immunizations vaccine vaccines vaccination vaccinations device devices supply supplies patient patients
  person persons people subject subjects individual individuals provider providers doctor doctors physician physicians
  payer payers insurer insurers insurance organization organizations hospital hospitals facility facilities ward wards
  department departments unit units route routes specimen specimens sample samples encounter encounters visit visits
  stay stays admission admissions careplan careplans plan plans claim claims intake output input category categories
  type types class classes group groups language religion ethnicity race gender sex status state city county country
  specialty speciality concept concepts vocabulary code codes title titles name names label labels description
  descriptions microbiology careunit careunits imaging study studies screening
`);

/**
 * Adjectives and participles that state a row's status: a value after `is` or `as` (`whose status is active`), elsewhere a
 * plain word.
 */
export const STATUS_WORDS: ReadonlySet<string> = new Set(
  list(`active inactive main base open closed pending scheduled planned unplanned completed cancelled canceled normal
  abnormal final preliminary draft confirmed suspected primary secondary principal public private home other unspecified
  high low positive negative new existing urgent routine resolved ongoing paid unpaid denied approved rejected accepted
  male female delta additive`),
);

/** Words that may follow the core of a name and belong to it: `end stage renal disease`, `gout, unspecified`. */
export const NAME_TAILS: ReadonlySet<string> = new Set(
  list(`disease diseases disorder disorders unspecified other status site sites problem problems complaint
  history case due manual automatic direct indirect total whole initial
<<<<<<< HEAD
  tab tabs tablet tablets capsule capsules cap caps oral injection solution suspension cream ointment syrup vial spray
  patch drops inhaler powder pill pills nos nec vaccine volume output rate ratio index score gap cell cells product products room department unit
=======
  tab tabs tablet tablets capsule capsules cap caps oral extended delayed sustained release chewable injection solution suspension cream ointment syrup vial spray
  patch drops inhaler powder pill pills nos nec vaccine rate ratio index score gap cell cells product products room department unit
>>>>>>> vault
  facility center centre clinic lounge care referral admit water culture cultures fluid fluids stain stains panel panels pay life
  home homes pressure scale function functions monitor monitors pump pumps`),
);
/** Tails that follow one of these: `self pay`, `extended release`. */
export const TAIL_AFTER: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['pay', new Set(['self'])],
  ['release', new Set(['extended', 'delayed', 'sustained', 'immediate', 'modified', 'controlled'])],
]);
