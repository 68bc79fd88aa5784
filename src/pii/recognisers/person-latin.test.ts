import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('PERSON, in English and French', () => {
  it.each([
    ['Dear Mr. John Smith, welcome', 'John Smith'],
    ['ask Dr O’Brien about it', 'O’Brien'],
    ['Mrs. van der Berg', undefined],
    ['Mme Marie-Claire Dupont est arrivée', 'Marie-Claire Dupont'],
    ['M. Jean DUPONT', 'Jean DUPONT'],
    ['Monsieur Éric de la Tour a appelé', 'Éric de la Tour'],
    ['Patient: Jane Doe', 'Jane Doe'],
    ['Name: Kim Min-su', 'Kim Min-su'],
    ['My name is John Smith.', 'John Smith'],
    ['Full name: Priya Natarajan, 34', 'Priya Natarajan'],
    ['Name: John Smith', 'John Smith'],
    ['Nom : Dupont', 'Dupont'],
    ['Prénom : Éloïse', 'Éloïse'],
    ['Contact: Sarah Connor.', 'Sarah Connor'],
  ])('finds the one in %j', (text, name) => {
    expect(finds(text)).toEqual(name === undefined ? [] : [`PERSON ${name}`]);
  });

  it('is told by the key of a JSON value', () => {
    expect(finds('Jane Doe', 'customerName')).toEqual(['PERSON Jane Doe']);
    expect(finds('Jane Doe', 'name')).toEqual(['PERSON Jane Doe']);
    expect(finds('Express Router', 'name')).toEqual([]);
    expect(finds('Jane Doe', 'title')).toEqual([]);
  });

  it.each([
    '- name: Install Dependencies',
    'name: Build And Test',
    '"name": "express"',
    'class Name: Foo',
    'Dr. Pepper, Mr. President',
    'Manager: None',
    'const name = Foo.bar()',
    'client: HttpClient',
    'ERROR Client: Connection Refused',
    'm.Dupont = 1',
  ])('finds none in %j', (text) => {
    expect(finds(text)).toEqual([]);
  });
});
