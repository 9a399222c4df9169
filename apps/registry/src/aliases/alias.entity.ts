import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A movable name for a version. */
@Entity('aliases')
export class Alias {
  @PrimaryColumn('text')
  model: string;

  @PrimaryColumn('text')
  alias: string;

  @Column('integer')
  version: number;

  @Column('text')
  changedBy: string;

  @Column('timestamptz')
  changedAt: Date;
}
