import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { ReplicaReporter } from './replica-reporter.js';

@Module({ imports: [PlansModule], providers: [ReplicaReporter] })
export class ReplicasModule {}
