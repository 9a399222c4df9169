import { IsUUID } from 'class-validator';

export class ReplicaParams {
  @IsUUID()
  replica: string;
}

/** How much of a replica's gap-free count of records has arrived. What is still on its way counts as missing. */
export class ReplicaLogResponse {
  replica: string;
  received: number;
  highest: number;
  missing: number;
}
