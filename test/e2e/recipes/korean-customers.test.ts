import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openRecipe } from '../../support/recipe.ts';

it('examples/korean-customers: the model sees tokens, the message service the number, the log neither', async () => {
  await using recipe = openRecipe('korean-customers');
  await recipe.run('npm install @modelcontextprotocol/server zod');
  await recipe.up('sallyport up');

  const shown = await recipe.run(`sallyport call crm__get_customer '{"id": 1}'`);
  expect(JSON.parse(shown)).toEqual({
    번호: 1,
    이름: expect.stringMatching(/^PERSON_[0-9A-Z]{6,}$/),
    전화: expect.stringMatching(/^PHONE_[0-9A-Z]{6,}$/),
    이메일: expect.stringMatching(/^EMAIL_[0-9A-Z]{6,}$/),
    주민번호: '[KR_RRN]',
    계좌번호: '***-***-**7890',
    메모: expect.stringMatching(/^PERSON_[0-9A-Z]{6,} 고객님께서 3월 요금을 문의하셨습니다.$/),
  });
  const { 이름: name, 메모: note } = JSON.parse(shown) as { 이름: string; 메모: string };
  expect(note.startsWith(name)).toBe(true);

  await recipe.run(
    `to=$(sallyport call crm__get_customer '{"id": 1}' | grep -o 'PHONE_[0-9A-Z]*') && ` +
      String.raw`sallyport call messages__send "{\"to\": \"$to\", \"text\": \"요금 안내입니다.\"}"`,
  );
  expect(await recipe.run('cat sent.txt')).toBe('010-2345-6789: 요금 안내입니다.\n');

  const found = await recipe.run('sallyport audit search pii:true');
  expect(found).toMatch(/messages__send.*restored/);
  expect(await recipe.run('sallyport audit verify')).toMatch(/whole|intact|ok/i);
  const log = readFileSync(join(recipe.home, 'audit', 'audit.jsonl'), 'utf8');
  for (const secret of ['홍길동', '2345-6789', 'gildong', '1234568']) expect(log).not.toContain(secret);

  expect(await recipe.run(`echo '문의: 홍길동님 010-2345-6789' | sallyport pii scan`)).toContain(
    'PHONE_NUMBER',
  );
  expect(recipe.unused()).toEqual([]);
});
