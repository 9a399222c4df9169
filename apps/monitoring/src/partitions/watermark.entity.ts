import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Latest event time of an endpoint on one partition. */
@Entity('watermarks')
export class Watermark {
  @PrimaryColumn('text')
  endpoint: string;

  @PrimaryColumn('integer')
  partition: number;

  @Column('timestamptz')
  eventTime: Date;
}
