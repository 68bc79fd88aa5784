/** Given names that many people in English- and French-speaking countries have, and family names of Koreans in Latin letters; in lower case. */
export const GIVEN_NAMES: ReadonlySet<string> = new Set(
  `james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary
  nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold
  keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip
  johnny oliver liam mason lucas owen simon graham ian neil stuart nigel colin craig hugh oscar harry charlie leo max theo felix toby
  mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily donna michelle dorothy carol amanda melissa deborah stephanie rebecca sharon laura cynthia
  kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan
  evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia grace denise amber doris marilyn danielle beverly isabella theresa diana
  natalie brittany charlotte marie kayla alexis lori jane claire lucy zoe chloe ella mia ava amelia harriet fiona gemma nina kate
  pierre michel philippe alain patrice bernard christophe daniel frédéric laurent nicolas stéphane christian olivier sébastien jacques françois éric julien thierry pascal marc gérard jean claude andré rené louis guillaume
  antoine alexandre maxime romain thomas hugo mathieu matthieu vincent benoît bruno didier dominique emmanuel étienne fabien fabrice gilles grégory guy henri hervé jérôme jérémy joël kévin léo lucas ludovic luc mathis mickaël
  nathan paul quentin raphaël raymond robert roger rémi rémy samuel serge simon théo valentin yann yves arnaud baptiste cédric clément cyril damien denis florian franck gabriel georges adrien alexis arthur aurélien
  nathalie isabelle sylvie catherine françoise valérie christine monique sophie patricia martine nicole sandrine stéphanie céline julie brigitte aurélie caroline jacqueline anne véronique jeanne laurence élodie émilie hélène
  corinne chantal dominique annie virginie denise cécile florence michèle simone élisabeth manon léa camille chloé emma inès jade lola louise lucie margaux marion mathilde mélanie noémie océane pauline sarah zoé agnès
  amandine amélie anaïs audrey béatrice bernadette carole charlotte christelle claire claudine colette danielle delphine éliane estelle eva fanny gisèle geneviève ginette josiane joséphine juliette justine karine laëtitia laure
  madeleine marguerite marie marine maryse muriel myriam nadine odette odile pascale raymonde renée rolande sabrina séverine solange suzanne thérèse yvette yvonne ahmed mohamed mohammed ali omar youssef karim fatima aïcha amina
  mehdi nadia samir rachid hassan ibrahim yasmine leila carlos luis miguel pedro antonio francisco javier diego ana carmen lucia elena sofia marco luca giulia francesca hans klaus jürgen petra anja olga ivan dmitri yuki hiroshi
  wei ming li priya raj anil sanjay deepak sunita minjun seojun jiho jimin seoyeon jiyoung minho sungho jihye hyun young soo
  kim lee park choi jung jeong kang cho yoon jang lim han oh seo shin kwon hwang ahn song ryu hong gil yang son bae baek heo nam noh moon`.split(
    /\s+/,
  ),
);
