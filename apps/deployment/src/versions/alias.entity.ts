import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A copy of where an alias points. */
@Entity('aliases')
export class Alias {
  @PrimaryColumn('text')
  model: string;

  @PrimaryColumn('text')
  alias: string;

  @Column('text')
  project: string;

  /** Null when it was removed: its revision must still be known, for older facts may come later. */
  @Column('integer', { nullable: true })
  version: number | null;

  @Column('integer')
  revision: number;
}
