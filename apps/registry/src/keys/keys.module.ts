import { Module } from '@nestjs/common';
import { KeyBootstrap } from './key-bootstrap.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({ controllers: [KeysController], providers: [KeysService, KeyBootstrap] })
export class KeysModule {}
