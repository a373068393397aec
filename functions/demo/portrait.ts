/** An invented photograph: of nobody, but with the place, the camera and a comment that cameras and people leave in one. */

import { inquiry } from './demonstration.ts'

/** The picture, as its holder has it. */
export const portrait = {
  file: 'portrait.jpg',
  bytes: Buffer.from(
    [
      '/9j/4QCIRXhpZgAASUkqAAgAAAACABIBAwABAAAAAQAAACWIBAABAAAAKAAAAAAAAAAAAAEAAgAFAAMAAABAAAAAAAAAAAAA',
      'AAAAADAAAAABAAAACAAAAAEAAAANAAAAAQAAAAAAAAAAAAAAR1BTIDQ4IDggMTMAAAAAAAAAAAAAAAAAAAAAAAAAAAD/4QBT',
      'aHR0cDovL25zLmFkb2JlLmNvbS94YXAvMS4wLwA8eDp4bXBtZXRhPjx4bXA6Q3JlYXRvclRvb2w+Q2FtZXJhPC94bXA6Q3Jl',
      'YXRvclRvb2w+/+IANUlDQ19QUk9GSUxFAAEBIGEgcHJvZmlsZSB3aXRoIHRoZSBuYW1lIG9mIGl0cyBtYWtlcv/tABpQaG90',
      'b3Nob3AgMy4wACBhIGNhcHRpb27//gAUdGFrZW4gYnkgb2ZmaWNlciA3/+AAEEpGSUYAAQEAAAEAAQAA/9sAQwAKBwcIBwYK',
      'CAgICwoKCw4YEA4NDQ4dFRYRGCMfJSQiHyIhJis3LyYpNCkhIjBBMTQ5Oz4+PiUuRElDPEg3PT47/9sAQwEKCwsODQ4cEBAc',
      'OygiKDs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7/8AAEQgAIAAwAwEiAAIRAQMR',
      'Af/EABkAAQADAQEAAAAAAAAAAAAAAAQBAgMFAP/EACcQAAIBAgUDBAMAAAAAAAAAAAECEQADBBIhMUEUImEFE1FxFYGh/8QA',
      'GQEAAgMBAAAAAAAAAAAAAAAAAwQAAgYF/8QAHhEAAgIDAAMBAAAAAAAAAAAAAQIAAwQRIRIUMSL/2gAMAwEAAhEDEQA/AMer',
      'tZYZZbeQKj8kbQzIW+Zr3QhVLGdd1AqjYXMuUkcQc0TUDYx2p+zSNlKx6Jd/VGYAvJiCDW1vF+6sKsZhzQOgfOEzgy0ELvTL',
      'WDa0VUiY80J6a/oHYdMhR+RG2bjEgmSNp5pKgxMwOD80K1cNtgUSRO40pi4rIgDWl7tiN6VaruwJVrmT6Jq62SSpBkciNKDj',
      'LAK9jwRyorNPUMigMAw11OlYtiYfMDI2y0yMexSCwmT91W4YFmi6QSe06EaSaTbxjhAHDH6Wpvrh7x9yCHXWPNIsBriKl1QV',
      'jiuuFVqt6g/b0eScJetuQQCvgiB911bVm3d1L+YEafquVcwLjvthSoiZ3/lQl5sOYJInWlhVXYdLyPNlnw2Gn//Z',
    ].join(''),
    'base64',
  ),
} as const

/** France asks who somebody is, and what she looks like. */
export const whoIsIt = {
  file: 'photograph.json',
  request: {
    holder: 'DE-POL',
    subject: { document: { number: 'DEC11X00T47', country: 'DE' } },
    classes: ['identification'],
    ...inquiry,
    necessity: { statement: 'To recognise the suspect.', strictlyNecessaryClasses: [] },
    caseReference: 'FR-2026-0118',
  },
} as const
