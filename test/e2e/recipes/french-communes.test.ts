import { expect, it } from 'vitest';
import { eventually } from '../../support/processes.ts';
import { openRecipe } from '../../support/recipe.ts';

it('examples/french-communes: the communes of Brittany, and no NIR', async () => {
  await using recipe = openRecipe('french-communes');
  await recipe.up('sallyport up');
  const found = await recipe.run(
    `sallyport call search_communes '{"region": "Bretagne", "population_min": 50000}'`,
  );
  for (const name of ['Rennes', 'Brest', 'Quimper', 'Lorient', 'Vannes']) expect(found).toContain(name);
  expect(found).not.toContain('Nantes');
  const some = await recipe.run(`sallyport call search_communes '{"name": "saint etienne", "limit": 3}'`);
  expect(some).toContain('Saint-Étienne');
  expect(await recipe.run(`sallyport call region_summary '{"region": "Corse"}'`)).toContain('Ajaccio');
  await recipe.run(`! sallyport call search_communes '{"name": "Lyon, NIR 1 85 05 78 006 084 91"}'`);
  // It is written behind the answer, not in front of it.
  await eventually('it is recorded', async () =>
    (await recipe.run('sallyport audit search outcome:denied')).includes('FR_NIR'),
  );
  expect(recipe.unused()).toEqual([]);
});
