import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name under which versions are pushed. Its row is locked by whoever changes anything of the model. */
@Entity('models')
export class Model {
  @PrimaryColumn('text')
  name: string;

  @Column('text')
  project: string;

  /** Counts the changes of the model and of its versions and aliases. */
  @Column('integer')
  revision: number;

  @Column('integer')
  latestVersion: number;

  @Column('timestamptz')
  createdAt: Date;
}
